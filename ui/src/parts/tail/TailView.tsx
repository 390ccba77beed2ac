import { useEffect, useState } from "react";

import { useCell } from "../../live/cell";
import { useCanEdit } from "../../live/context";
import type { Operation } from "../../live/model";
import type { Wish } from "../../live/tail/tail";
import { Empty } from "../Empty";
import { save } from "../save";
import { count } from "../text";
import { ndjson } from "./ndjson";
import css from "./tail.module.css";
import { TailBar } from "./TailBar";
import { TailCounts, TailNotice } from "./TailCounts";
import { TailList } from "./TailList";
import { useShown } from "./useShown";
import { useTail } from "./useTail";

interface Props {
  operation: Operation;
  wish: Wish;
  onWish: (wish: Wish) => void;
}

/** The messages of an operation while they happen, before and after its pipelines. It ends when it is left. */
export function TailView({ operation, wish, onWish }: Props) {
  const canEdit = useCanEdit();
  if (!canEdit) {
    return (
      <Empty title="Tails show personal data">
        <p>Messages are shown to people with the role editor or admin. You are logged in as a viewer.</p>
      </Empty>
    );
  }
  return <Running key={operation.key} operation={operation} wish={wish} onWish={onWish} />;
}

function Running({ operation, wish, onWish }: Props) {
  const tail = useTail(operation);
  const entries = useCell(tail.entries);
  const [view, setView] = useState({ filter: "", changedOnly: false });
  const shown = useShown(entries, view.filter, view.changedOnly);
  const filtered = view.changedOnly || view.filter.trim() !== "";
  const { session, sample } = wish;
  useEffect(() => {
    // Only a tail that runs goes on with other wishes; nothing starts by itself.
    if (tail.state.snapshot().phase !== "off") tail.start({ session, sample });
  }, [tail, session, sample?.rate, sample?.seconds]);
  const onSave = () => save(fileName(operation), "application/x-ndjson", ndjson(shown.entries, operation));
  return (
    <div className={css.view}>
      <TailBar
        tail={tail}
        sessions={operation.sessions}
        wish={wish}
        onWish={onWish}
        view={view}
        onView={setView}
        problem={shown.problem}
        onSave={shown.messages > 0 ? onSave : undefined}
      />
      <TailCounts tail={tail} shown={shown} rows={entries.length} filtered={filtered} />
      <TailNotice tail={tail} problem={shown.problem} />
      {shown.entries.length === 0 || (filtered && shown.messages === 0) ? (
        <Nothing operation={operation} waits={tail} kept={entries.length} />
      ) : (
        <TailList entries={shown.entries} session={session} onSession={(id) => onWish({ ...wish, session: id })} />
      )}
    </div>
  );
}

function Nothing({ operation, waits, kept }: { operation: Operation; waits: ReturnType<typeof useTail>; kept: number }) {
  const { phase } = useCell(waits.state);
  const { sessions, operation: name } = operation;
  if (kept > 0) {
    return (
      <Empty title="No message matches">
        <p>{count(kept, "message")} came and none passes the filter.</p>
      </Empty>
    );
  }
  if (phase === "off") {
    return (
      <Empty title={`See what ${name} processes`}>
        <p>Each message is shown as it went in and as it came out of the pipelines. It is shown while you look, and kept nowhere: leaving this page, or logging out, ends the tail.</p>
        <p>The filter shows messages that …</p>
        <dl className={css.examples}>
          {examples.map(([filter, meaning]) => (
            <div key={filter}>
              <dt>{filter}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Empty>
    );
  }
  return (
    <Empty title="Waiting for messages">
      <p>{sessions.length > 0 ? `${count(sessions.length, "live session")} will send what they process next.` : "No live session has announced this operation. One that does is asked to send at once."}</p>
    </Empty>
  );
}

const examples = [
  ["ann@x.io", "contain the text"],
  [".user.email", "have the field"],
  ["user.email = ann@x.io", "have this value there; also != ~ !~ > >= < <="],
  ["amount > 100 && plan = free", "pass both"],
] as const;

function fileName({ service, operation }: Operation): string {
  const clean = `${service}-${operation}`.replace(/[^\p{L}\p{N}_-]+/gu, "-");
  return `tail-${clean}-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}.ndjson`;
}
