import { type Node, type NodeProps, Position } from "@xyflow/react";
import { memo, useContext, useMemo } from "react";

import type { Group, Operation } from "../../live/model";
import { DirectionMark } from "../../parts/Direction";
import type { Selection } from "../../parts/selection";
import { Ends, Errors, LiveCount, MessageRate, Unseen } from "./bits";
import { useMapView } from "./context";
import { HighlightContext, useEmphasis } from "./highlight";
import css from "./nodes.module.css";
import { usePointing, useSelected } from "./pointing";
import { Sparkline } from "./Sparkline";

export type GroupNode = Node<{ block: string; group: Group }, "operations">;

export const GroupCard = memo(function GroupCard({ id, data: { group } }: NodeProps<GroupNode>) {
  const { matches } = useMapView();
  const highlight = useContext(HighlightContext);
  const title = group.direction === "consumer" ? "Consumers" : "Producers";
  return (
    <section
      className={css.group}
      data-direction={group.direction}
      data-dim={matches !== undefined && !group.operations.some((o) => matches.has(o.key))}
      data-emphasis={useEmphasis(id)}
      aria-label={`${title} of ${group.service} on ${group.component}`}
      onPointerLeave={() => highlight.point(undefined)}
    >
      <Ends side={Position.Left} />
      <p className={css.head}>
        <DirectionMark direction={group.direction} />
        {title}
      </p>
      <ul>
        {group.operations.map((operation) => (
          <OperationRow key={operation.key} operation={operation} />
        ))}
      </ul>
      <Ends side={Position.Right} />
    </section>
  );
});

const OperationRow = memo(function OperationRow({ operation }: { operation: Operation }) {
  const { model, matches } = useMapView();
  const selection: Selection = { kind: "op", id: operation.key };
  const pointing = usePointing(selection);
  const selected = useSelected(selection);
  const keys = useMemo(() => [operation.key], [operation.key]);
  const names = operation.pipelines.map(({ id, paused }) => ({
    id,
    paused,
    name: model.pipelines.get(id)?.pipeline.name ?? id,
  }));
  return (
    <li>
      <button
        type="button"
        className={css.operation}
        data-dim={matches !== undefined && !matches.has(operation.key)}
        data-key={operation.key}
        data-stop={operation.key}
        {...pointing}
        {...selected}
      >
        <span className={css.line}>
          <span className={css.title} title={operation.operation}>
            <Unseen>{operation.direction} </Unseen>
            {operation.operation}
            <Unseen>
              {" "}
              of {operation.service} on {operation.component}:
            </Unseen>
          </span>
          <span className={css.flow}>
            <Sparkline keys={keys} />
            <MessageRate keys={keys} />
          </span>
        </span>
        <span className={css.line}>
          <Chips pipelines={names} />
          <span className={css.state}>
            <Errors keys={keys} />
            <LiveCount live={operation.sessions.length} />
          </span>
        </span>
      </button>
    </li>
  );
});

// As many as fit into one line of a card; the rest is a number.
const shownChips = 2;

function Chips({ pipelines }: { pipelines: { id: string; name: string; paused: boolean }[] }) {
  if (pipelines.length === 0) return <span className={css.none}>no pipelines</span>;
  return (
    <span className={css.chips}>
      {pipelines.slice(0, shownChips).map(({ id, name, paused }) => (
        <span key={id} className={css.chip} data-paused={paused} title={paused ? `${name} (paused)` : name}>
          {name}
          {paused && <Unseen> (paused)</Unseen>}
        </span>
      ))}
      {pipelines.length > shownChips && <span className={css.more}>+{pipelines.length - shownChips}</span>}
    </span>
  );
}
