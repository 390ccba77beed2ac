import { Lock, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import type { NotificationConfig } from "../../gen/protos/notify_pb";
import { useCanEdit, useConsole, usePicture } from "../../live/context";
import { rest } from "../../live/rest";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Master, MasterBones, MasterRow } from "../../parts/Master";
import { search } from "../../parts/search";
import { SearchBox } from "../../parts/SearchBox";
import { count } from "../../parts/text";
import { type Asked, useAsk } from "../../parts/useAsk";
import { useChosen } from "../../parts/useChosen";
import { useComeBack } from "../../parts/useComeBack";
import { kindName, target, usersOf } from "./config";
import { Locked } from "./Locked";
import { Notification } from "./Notification";

interface Known {
  configs: NotificationConfig[];
  /** Ids of configs that this server cannot read. */
  locked: string[];
}

const newUrl = "/notifications?new";

/** Where alerts of steps go: find, make, try, change and delete them. */
export default function NotificationsPage() {
  const { client } = useConsole();
  const [asked, again] = useAsk<Known>("", async (signal) => {
    const [{ notifications }, answer] = await Promise.all([
      client.getNotifications({}, { signal }),
      rest("GET", "/api/v1/notifications-locked", undefined, signal),
    ]);
    const configs = Object.values(notifications).sort((a, b) => a.name.localeCompare(b.name));
    return { configs, locked: ((await answer.json()) as { locked: string[] }).locked };
  });
  useComeBack(again);
  const [params] = useSearchParams();
  const [query, setQuery] = useState("");
  const [, navigate] = useLocation();
  const canEdit = useCanEdit();
  const chosen = useChosen("id");
  const making = canEdit && params.has("new");
  return (
    <Master
      title="All notifications"
      href="/notifications"
      open={chosen !== undefined || making}
      tools={
        <>
          <SearchBox label="Find a notification" value={query} onChange={setQuery} />
          {canEdit && (
            <Button kind="primary" onClick={() => navigate(newUrl)}>
              <Plus size={15} aria-hidden />
              New
            </Button>
          )}
        </>
      }
      list={<List asked={asked} query={query} chosen={chosen} />}
    >
      <Main asked={asked} chosen={chosen} making={making} again={again} />
    </Master>
  );
}

function List({ asked, query, chosen }: { asked: Asked<Known>; query: string; chosen: string | undefined }) {
  const { model } = usePicture();
  const found = useMemo(
    () => (asked.state === "known" ? search(asked.value.configs, query, (config) => `${config.name} ${kindName(config)} ${target(config)}`) : []),
    [asked, query],
  );
  if (asked.state === "asking") return <ul>{MasterBones()}</ul>;
  if (asked.state === "failed") return null;
  return (
    <>
      <ul>
        {found.map((config) => {
          const uses = usersOf(config.id ?? "", model?.pipelines.values() ?? []).length;
          return (
            <MasterRow
              key={config.id}
              href={`/notifications/${encodeURIComponent(config.id ?? "")}`}
              current={config.id === chosen}
              name={config.name}
              end={uses > 0 ? count(uses, "pipeline") : "not used"}
              line={`${kindName(config)} · ${target(config)}`}
            />
          );
        })}
        {asked.value.locked.map((id) => (
          <MasterRow
            key={id}
            href={`/notifications/${encodeURIComponent(id)}`}
            current={id === chosen}
            name={id}
            end={<Lock size={12} aria-label="locked" />}
            line="Locked: this server has not its key"
          />
        ))}
      </ul>
      {found.length === 0 && query !== "" && <p>No notification matches “{query}”.</p>}
    </>
  );
}

interface MainProps {
  asked: Asked<Known>;
  chosen: string | undefined;
  making: boolean;
  again: () => Promise<void>;
}

function Main({ asked, chosen, making, again }: MainProps) {
  if (asked.state === "asking") return null;
  if (asked.state === "failed") {
    return (
      <Empty title="The notifications cannot be shown">
        <p>{asked.reason}</p>
        <Button onClick={() => void again()}>Try again</Button>
      </Empty>
    );
  }
  const { configs, locked } = asked.value;
  if (making) return <Notification key="new" config={undefined} again={again} />;
  if (chosen !== undefined && locked.includes(chosen)) return <Locked key={chosen} id={chosen} again={again} />;
  const config = configs.find(({ id }) => id === chosen);
  if (config) return <Notification key={chosen} config={config} again={again} />;
  if (chosen !== undefined) {
    return (
      <Empty title="This notification does not exist">
        <p>
          The server knows none with the id <code>{chosen}</code>. It may have been deleted.
        </p>
      </Empty>
    );
  }
  return <Nothing any={configs.length + locked.length > 0} />;
}

function Nothing({ any }: { any: boolean }) {
  const canEdit = useCanEdit();
  return (
    <Empty title={any ? "Choose a notification" : "No notifications yet"}>
      <p>
        A notification says where alerts go: to a Slack channel, by e-mail or to PagerDuty. Steps of pipelines name the
        notifications to send when they find something.
      </p>
      {!any && canEdit && <Link href={newUrl}>Make the first one</Link>}
    </Empty>
  );
}
