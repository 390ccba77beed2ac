// Small things that several cards of the map show.
import { Handle, Position } from "@xyflow/react";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { errorRate, messageRate } from "../../parts/rate";
import { useFlowing } from "./flowing";
import css from "./bits.module.css";

/** Words that the eye gets from the place and the look of things. */
export function Unseen({ children }: { children: ReactNode }) {
  return <span className="visually-hidden">{children}</span>;
}

export function LiveCount({ live }: { live: number }) {
  return (
    <span className={css.live} data-live={live > 0}>
      <span className={css.dot} aria-hidden />
      {live} live
    </span>
  );
}

/** Messages per second through some operations together. */
export function MessageRate({ keys }: { keys: readonly string[] }) {
  const words = useFlowing(keys, ({ messages }) => messageRate(messages));
  return (
    <span className={css.rate} data-flowing={!words.startsWith("0 ")}>
      {words}
    </span>
  );
}

/** Errors per second of some operations together; nothing while there are none. */
export function Errors({ keys }: { keys: readonly string[] }) {
  const words = useFlowing(keys, ({ errors }) => (errors > 0 ? errorRate(errors) : ""));
  if (words === "") return null;
  return (
    <span className={css.errors} title="Steps that ended in an error">
      <TriangleAlert size={12} aria-hidden />
      {words}
    </span>
  );
}

/** Where links start and end; data may run in both directions. */
export function Ends({ side }: { side: Position }) {
  return (
    <>
      <Handle type="source" id={`${side}-out`} position={side} isConnectable={false} className={css.end} />
      <Handle type="target" id={`${side}-in`} position={side} isConnectable={false} className={css.end} />
    </>
  );
}
