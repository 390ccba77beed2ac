import { useMemo } from "react";
import { Link } from "wouter";

import type { Session } from "../../../gen/streamdal/console/v1/console_pb";
import { useSessions } from "../../../live/context";
import type { Operation } from "../../../live/model";
import { Ago } from "../../../parts/Ago";
import { Bones } from "../../../parts/Bones";
import { type DeliveryState, deliveryState, deliveryWords } from "../../../parts/delivery";
import { LanguageMark, languageName } from "../../../parts/Language";
import { count } from "../../../parts/text";
import css from "./sessions.module.css";
import tab from "./tab.module.css";

// A panel is for a glance; the Sessions page has room for all.
const most = 50;

interface Row {
  session: Session;
  state: DeliveryState;
  sent: number;
}

/** The sessions that announced an operation and whether they have its list; those that are behind come first. */
export default function SessionsTab({ operation: { key, operation } }: { operation: Operation }) {
  const sessions = useSessions();
  const rows = useMemo(() => sessions && rowsOf(sessions, key), [sessions, key]);
  if (!rows) return <Bones />;
  if (rows.length === 0) return <p className={tab.none}>No live session has announced this operation.</p>;
  return (
    <div className={tab.tab}>
      <ul className={css.list} aria-label={`Sessions of ${operation}`}>
        {rows.slice(0, most).map((row) => (
          <SessionRow key={row.session.id} row={row} />
        ))}
      </ul>
      <p className={tab.note}>
        {rows.length > most && `${(rows.length - most).toLocaleString("en")} more are not shown here. `}
        <Link href={`/sessions?op=${encodeURIComponent(key).replaceAll("%3A", ":")}`}>
          {rows.length === 1 ? "This session" : `All ${count(rows.length, "session")}`} on the Sessions page
        </Link>
      </p>
    </div>
  );
}

const order: Record<DeliveryState, number> = { waiting: 0, pending: 1, unknown: 2, current: 3 };

export function rowsOf(sessions: readonly Session[], key: string): Row[] {
  const rows: Row[] = [];
  for (const session of sessions) {
    const of = session.audiences.find(({ audience }) => audience === key);
    if (of) rows.push({ session, state: deliveryState(of.delivery), sent: Number(of.sentUnixMs) });
  }
  return rows.sort((a, b) => order[a.state] - order[b.state] || a.session.id.localeCompare(b.session.id));
}

function SessionRow({ row: { session, state, sent } }: { row: Row }) {
  const { id, language, library, libraryVersion, node, dryRun, stream, os, arch } = session;
  const heard = Number(session.heardUnixMs);
  return (
    <li className={css.row}>
      <LanguageMark language={language || undefined} />
      <div className={css.about}>
        <span className={css.line}>
          <span className={css.name}>{languageName(language)}</span>
          <span className="muted truncate">
            {library} {libraryVersion}
          </span>
          {dryRun && (
            <span className={css.dry} title="Pipelines run, but messages stay as they are">
              dry run
            </span>
          )}
          <span className={css.state} data-state={state}>
            {deliveryWords[state]}
          </span>
        </span>
        <span className={css.small}>
          <span>on {node || "a node without a name"}</span>
          {/* Nodes do not tell each other when they last heard their sessions. */}
          <span>{heard > 0 ? <>heard <Ago at={heard} /></> : "last heard: known there"}</span>
          {sent > 0 && <span>sent <Ago at={sent} /></span>}
          {!stream && <span>no stream</span>}
          <span>{[os, arch].filter(Boolean).join("/")}</span>
        </span>
        <span className={`${css.small} mono truncate`} title={id}>
          {id}
        </span>
      </div>
    </li>
  );
}
