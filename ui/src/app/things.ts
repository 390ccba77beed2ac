// What the palette finds that is not in the picture of the fleet.
import { useEffect, useMemo, useState } from "react";

import type { NotificationConfig } from "../gen/protos/notify_pb";
import type { WasmModule } from "../gen/protos/shared/shared_pb";
import type { Session } from "../gen/streamdal/console/v1/console_pb";
import type { Token } from "../gen/streamdal/console/v1/token_pb";
import { useConsole } from "../live/context";
import { list } from "../pages/kv/store";
import { kindName } from "../pages/notifications/config";
import { nameOf, tokens } from "../pages/tokens/tokens";
import { languageName } from "../parts/Language";
import { useAsk } from "../parts/useAsk";
import type { Entry } from "./entries";

export interface Things {
  notifications: readonly NotificationConfig[];
  modules: readonly WasmModule[];
  sessions: readonly Session[];
  tokens: readonly Token[];
  keys: readonly string[];
}

export function thingEntries({ notifications, modules, sessions, tokens, keys }: Things): Entry[] {
  return [
    ...notifications.map((config) => ({
      id: `notification-${config.id}`,
      kind: "Notification",
      label: config.name,
      hint: kindName(config),
      run: `/notifications/${encodeURIComponent(config.id ?? "")}`,
    })),
    ...modules
      .filter(({ Bundled }) => !Bundled)
      .map(({ id, name, version }) => ({ id: `wasm-${id}`, kind: "Wasm", label: name, hint: version ?? "", run: `/wasm/${encodeURIComponent(id)}` })),
    ...keys.map((key) => ({ id: `kv-${key}`, kind: "Key", label: key, run: `/kv?key=${encodeURIComponent(key)}` })),
    ...tokens.map((token) => ({
      id: `token-${token.id}`,
      kind: "Token",
      label: nameOf(token),
      hint: token.role,
      run: `/tokens?q=${encodeURIComponent(token.id)}`,
    })),
    // Not by the service's name, which would hide what else is of the service behind its sessions.
    ...sessions.map(({ id, service, language, node }) => ({
      id: `session-${id}`,
      kind: "Session",
      label: id,
      hint: [service, language && languageName(language), node].filter(Boolean).join(" · "),
      run: `/sessions?q=${encodeURIComponent(id)}`,
    })),
  ];
}

/** What there is now, as far as the server tells: the palette is of use without the rest. */
export function useThings(query: string): Entry[] {
  const { client, live, role } = useConsole();
  // Their list changes every second, and rows would move away from the pointer.
  const [sessions] = useState(() => live.sessions.snapshot() ?? []);
  const [configs] = useAsk("", async (signal) => Object.values((await client.getNotifications({}, { signal })).notifications));
  const [modules] = useAsk("", async (signal) => (await client.getAllWasm({}, { signal })).wasm);
  const [issued] = useAsk("", async (signal) => (role === "admin" ? (await tokens().list({}, { signal })).tokens : []));
  const keys = useKeys(query);
  return useMemo(
    () =>
      thingEntries({
        notifications: configs.state === "known" ? configs.value : [],
        modules: modules.state === "known" ? modules.value : [],
        tokens: issued.state === "known" ? issued.value : [],
        sessions,
        keys,
      }),
    [configs, modules, issued, sessions, keys],
  );
}

// The server searches, because there may be very many; somebody who types is not yet done.
const mostKeys = 20;
const typing = 150;

function useKeys(query: string): readonly string[] {
  const [keys, setKeys] = useState<readonly string[]>([]);
  useEffect(() => {
    const words = query.split(/\s+/).filter(Boolean);
    if (words.length === 0) return setKeys([]);
    const stop = new AbortController();
    const ask = () =>
      list("", words, stop.signal, mostKeys).then(
        ({ items }) => setKeys(items.map(({ key }) => key)),
        () => undefined,
      );
    const timer = setTimeout(() => void ask(), typing);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [query]);
  return keys;
}
