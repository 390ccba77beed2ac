import { type Edge, type EdgeProps, getBezierPath } from "@xyflow/react";

import type { Direction } from "../../live/audience";
import css from "./edge.module.css";
import { useEmphasis } from "./highlight";

export type FlowEdgeType = Edge<{ direction: Direction; dim: boolean }, "flow">;

export const edgeTypes = { flow: FlowEdge };

/** A link with an arrow where the data goes; it moves while it stands out. */
function FlowEdge({ id, data, ...ends }: EdgeProps<FlowEdgeType>) {
  const [path] = getBezierPath(ends);
  const direction = data?.direction ?? "consumer";
  return (
    <path
      d={path}
      className={css.link}
      data-direction={direction}
      data-dim={data?.dim}
      data-emphasis={useEmphasis(id)}
      markerEnd={`url(#arrow-${direction})`}
    />
  );
}

/** The arrow heads that links refer to. */
export function ArrowHeads() {
  return (
    <svg className={css.heads} aria-hidden="true">
      <defs>
        {(["consumer", "producer"] as const).map((direction) => (
          <marker
            key={direction}
            id={`arrow-${direction}`}
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M1 1 L9 5 L1 9 Z" className={css.head} data-direction={direction} />
          </marker>
        ))}
      </defs>
    </svg>
  );
}
