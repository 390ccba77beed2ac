import type { Transport } from "@connectrpc/connect";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Router } from "wouter";

import { Actions } from "../live/actions";
import { consoleClient, externalClient } from "../live/client";
import { ConsoleContext } from "../live/context";
import { Drafts } from "../live/drafts";
import { Live } from "../live/live";
import { type Credential, type Role, type SessionApi, takeLoginCode } from "../live/session";
import { words } from "../live/words";
import { sentence } from "../parts/text";
import { ToastProvider } from "../parts/toast";
import { Login } from "./Login";
import { useExactLocation, useExactSearch } from "./location";
import { Shell } from "./Shell";

type Gate = { state: "checking" } | { state: "out"; message?: string } | { state: "in"; role: Role };

/** Decides between the log-in page and the Console. */
export function App({ session, transport }: { session: SessionApi; transport: Transport }) {
  const [gate, setGate] = useState<Gate>({ state: "checking" });
  // Beside the log-in, because a session may end in the middle of a change.
  const [drafts] = useState(() => new Drafts());
  useLeaveWarning(drafts);

  const enter = useCallback(
    async (credential: Credential) => {
      const { role } = await session.login(credential);
      setGate({ state: "in", role });
    },
    [session],
  );

  useEntry(session, setGate);

  const loggedOut = useCallback((message?: string) => setGate(message ? { state: "out", message } : { state: "out" }), []);

  if (gate.state === "checking") return null;
  if (gate.state === "out") return <Login message={gate.message} onToken={(token) => enter({ token })} />;
  return (
    <Inside
      transport={transport}
      drafts={drafts}
      role={gate.role}
      onExpired={(why) => loggedOut(farewell(why))}
      onLogout={async () => {
        await session.logout();
        drafts.clear();
        loggedOut();
      }}
    />
  );
}

/** Why somebody is at the log-in page again, and what to do. */
function farewell(why: string): string {
  const again = "to continue where you were.";
  return why.startsWith("this token") ? `${sentence(why)} Log in with another one ${again}` : `Your session has ended. Log in again ${again}`;
}

/** Enters by the address's one-use code or by the cookie, once, and again when a log-in link is pasted. */
function useEntry(session: SessionApi, setGate: (gate: Gate) => void) {
  const entered = useRef(false);
  useEffect(() => {
    const byCookie = async (message?: string) => {
      const current = await session.read();
      if (current) return setGate({ state: "in", role: current.role });
      setGate(message ? { state: "out", message } : { state: "out" });
    };
    const byCode = async (code: string) => {
      try {
        const { role } = await session.login({ code });
        setGate({ state: "in", role });
      } catch (error) {
        await byCookie(words(error));
      }
    };
    const failed = (error: unknown) => setGate({ state: "out", message: words(error) });
    if (!entered.current) {
      entered.current = true;
      const code = takeLoginCode();
      (code === undefined ? byCookie() : byCode(code)).catch(failed);
    }
    const onHash = () => {
      const code = takeLoginCode();
      if (code !== undefined) byCode(code).catch(failed);
    };
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, [session, setGate]);
}

/** The browser asks before a tab with unsaved changes is closed, on whatever page it is. */
function useLeaveWarning(drafts: Drafts) {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (drafts.size > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [drafts]);
}

interface InsideProps {
  transport: Transport;
  drafts: Drafts;
  role: Role;
  onExpired: (why: string) => void;
  onLogout: () => Promise<void>;
}

function Inside({ transport, drafts, role, onExpired, onLogout }: InsideProps) {
  const expired = useRef(onExpired);
  expired.current = onExpired;
  const context = useMemo(() => {
    const client = externalClient(transport);
    const console = consoleClient(transport);
    const live = new Live(console, (why) => expired.current(why));
    return { client, console, live, actions: new Actions(client, console, live), drafts, role };
  }, [transport, drafts, role]);
  useEffect(() => context.live.start(), [context]);
  return (
    <ConsoleContext value={context}>
      <ToastProvider>
        <Router hook={useExactLocation} searchHook={useExactSearch}>
          <Shell onLogout={onLogout} />
        </Router>
      </ToastProvider>
    </ConsoleContext>
  );
}
