import { type Node, type NodeProps, Position } from "@xyflow/react";
import { memo, useMemo } from "react";

import type { Service } from "../../live/model";
import { count } from "../../parts/text";
import { Ends, Errors, MessageRate } from "./bits";
import { useMapView } from "./context";
import { keysOf } from "./flowing";
import { useEmphasis } from "./highlight";
import css from "./nodes.module.css";
import { Sparkline } from "./Sparkline";

export type SummaryNode = Node<{ block: string; service: Service }, "summary">;

/** All operations of a folded service as one sum. */
export const SummaryCard = memo(function SummaryCard({ id, data: { service } }: NodeProps<SummaryNode>) {
  const { fold, matches } = useMapView();
  const keys = useMemo(() => keysOf(service.groups), [service]);
  const operations = service.groups.flatMap((group) => group.operations);
  const pipelines = new Set(operations.flatMap((operation) => operation.pipelines.map((one) => one.id))).size;
  return (
    <button
      type="button"
      className={css.summary}
      data-stop={id}
      data-dim={matches !== undefined && !keys.some((key) => matches.has(key))}
      data-emphasis={useEmphasis(id)}
      onClick={() => fold(service.name, false)}
      title="Show the operations"
    >
      <Ends side={Position.Left} />
      <span className={css.text}>
        <span className={css.title}>
          {count(operations.length, "operation")}
          <span className="visually-hidden"> of {service.name}, folded</span>
        </span>
        <span className={css.sub}>{pipelines === 0 ? "no pipelines" : count(pipelines, "pipeline")}</span>
      </span>
      <span className={css.flow}>
        <Errors keys={keys} />
        <Sparkline keys={keys} />
        <MessageRate keys={keys} />
      </span>
      <Ends side={Position.Right} />
    </button>
  );
});
