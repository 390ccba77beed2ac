import { type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";

import type { Direction } from "../../live/audience";
import { byteRate, messageRate } from "../../parts/rate";
import css from "./edge.module.css";
import { paceOf, useFlowing } from "./flowing";
import { useEmphasis } from "./highlight";

export type FlowEdgeType = Edge<FlowData, "flow">;

type FlowData = {
  direction: Direction;
  dim: boolean;
  /** The operations whose data takes this way. */
  keys: readonly string[];
  shift: number;
  /** The end beside which the rate is written, if it is. */
  written: "source" | "target" | undefined;
};

export const edgeTypes = { flow: memo(FlowEdge) };

/** A link with an arrow where the data goes, and drops on it that move the faster the more there is of it. */
function FlowEdge({ id, data, ...ends }: EdgeProps<FlowEdgeType>) {
  const { direction, dim, keys, shift, written } = data!;
  const pace = useFlowing(keys, paceOf);
  const emphasis = useEmphasis(id);
  const [sourceY, targetY] = [ends.sourceY + shift, ends.targetY + shift];
  const [path] = getBezierPath({ ...ends, sourceY, targetY });
  return (
    <g className={css.edge} data-direction={direction} data-dim={dim} data-emphasis={emphasis}>
      <path d={path} className={css.link} data-flowing={pace > 0} markerEnd={`url(#arrow-${direction})`} />
      {pace > 0 && <path d={path} className={css.drops} data-pace={pace} />}
      {written && pace > 0 && <Written keys={keys} shift={shift} {...beside(written, { ...ends, sourceY, targetY })} />}
    </g>
  );
}

interface Place {
  x: number;
  y: number;
  /** Whether the link leaves this place upwards, downwards or straight on. */
  bend: "up" | "down" | "none";
}

/** What flows, over and under the link, or on the side from which it bends away; above all other links. */
function Written({ keys, shift, x, y, bend }: Place & { keys: readonly string[]; shift: number }) {
  const [messages, bytes] = useFlowing(keys, (rate) => `${messageRate(rate.messages)}|${byteRate(rate.bytes)}`).split("|");
  // There is no room for two lines where two links run side by side.
  const at = shift === 0 ? { up: 22, down: -22, none: 0 }[bend] : Math.sign(shift) * 11;
  return (
    <EdgeLabelRenderer>
      <div className={css.words} data-on={shift === 0 && bend === "none"} style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y + at}px)` }}>
        <span>{messages}</span>
        {shift === 0 && <span>{bytes}</span>}
      </div>
    </EdgeLabelRenderer>
  );
}

type Ends = { sourceX: number; sourceY: number; targetX: number; targetY: number };

// The middle of words beside a group, where links do not yet run together.
const away = 44;
const straight = 16;

function beside(end: "source" | "target", { sourceX, sourceY, targetX, targetY }: Ends): Place {
  const [x, y, otherX, otherY] = end === "source" ? [sourceX, sourceY, targetX, targetY] : [targetX, targetY, sourceX, sourceY];
  const bend = Math.abs(otherY - y) < straight ? "none" : otherY < y ? "up" : "down";
  return { x: otherX < x ? x - away : x + away, y, bend };
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
