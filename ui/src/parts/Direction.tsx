import { ArrowDownToLine, ArrowUpFromLine } from "lucide-react";

import type { Direction } from "../live/audience";
import css from "./direction.module.css";

/** The mark of a consumer or producer: shape and colour. */
export function DirectionMark({ direction, size = 14 }: { direction: Direction; size?: number }) {
  const Icon = direction === "consumer" ? ArrowDownToLine : ArrowUpFromLine;
  return (
    <span className={css.mark} data-direction={direction}>
      <Icon size={size} aria-hidden />
    </span>
  );
}
