import { useMemo } from "react";
import { Link, useLocation } from "wouter";

import { useRate } from "../../live/context";
import type { Model, Operation } from "../../live/model";
import { DirectionMark } from "../../parts/Direction";
import { Empty } from "../../parts/Empty";
import { tailUrl } from "../../parts/tail/address";
import { count } from "../../parts/text";
import { type Choice, useListbox } from "../../parts/useListbox";
import css from "./chooser.module.css";

interface Row extends Choice {
  operation: Operation;
}

/** Which operation to tail: those with live sessions first. */
export function Chooser({ model }: { model: Model }) {
  const [, navigate] = useLocation();
  const rows = useMemo(() => rowsOf(model), [model]);
  const box = useListbox(rows, ({ id }) => navigate(tailUrl(id)));
  if (rows.length === 0) {
    return (
      <Empty title="No operation yet">
        <p>A tail shows what an operation processes. Operations appear here when an SDK has announced them.</p>
        <p>
          <Link href="/settings?sdk=go">Connect an SDK</Link>
        </p>
      </Empty>
    );
  }
  const label = "Find the operation to tail";
  return (
    <div className={css.page}>
      <div className={css.panel}>
        <h2>Which operation?</h2>
        <input {...box.input} className={css.input} placeholder="Operation, service or component" aria-label={label} autoFocus />
        <ul {...box.list} aria-label="Operations" className={css.list}>
          {box.found.map((row, index) => (
            <li key={row.id} {...box.row(row, index)} className={css.row}>
              <Line operation={row.operation} />
            </li>
          ))}
          {box.found.length === 0 && <li className={css.none}>No operation matches “{box.query}”.</li>}
        </ul>
      </div>
    </div>
  );
}

function Line({ operation }: { operation: Operation }) {
  const { key, direction, operation: name, service, component, sessions } = operation;
  const { messages } = useRate(key);
  return (
    <>
      <DirectionMark direction={direction} />
      <span className={css.names}>
        <span className="truncate">{name}</span>
        <span className={css.about + " truncate"}>
          {service} {direction === "consumer" ? "←" : "→"} {component}
        </span>
      </span>
      <span className={css.live} data-live={sessions.length > 0}>
        {sessions.length > 0 ? `${messages > 0 ? `${messages.toFixed(1)}/s · ` : ""}${count(sessions.length, "session")}` : "not live"}
      </span>
    </>
  );
}

function rowsOf(model: Model): Row[] {
  const rows = [...model.operations.values()].map((operation) => ({
    id: operation.key,
    label: operation.operation,
    hint: `${operation.service} ${operation.component}`,
    kind: operation.direction,
    operation,
  }));
  const live = ({ operation }: Row) => (operation.sessions.length > 0 ? 0 : 1);
  return rows.sort((a, b) => live(a) - live(b));
}
