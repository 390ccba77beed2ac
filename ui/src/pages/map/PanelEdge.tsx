import { type KeyboardEvent, type PointerEvent, type RefObject, useRef } from "react";

import { Cell, useCell } from "../../live/cell";
import css from "./inspector.module.css";

const usual = 440;
const narrowest = 340;
const widest = 960;
const step = 24;

// For as long as the tab is open: the next panel has the width of the last one.
const width = new Cell(usual);

/** The width that somebody gave to panels. */
export function usePanelWidth(): number {
  return useCell(width);
}

/** A panel's edge, to drag or to move by arrow keys; a double click gives the usual width back. */
export function PanelEdge({ panel }: { panel: RefObject<HTMLElement | null> }) {
  const now = usePanelWidth();
  const dragged = useRef(false);
  const set = (next: number) => width.set(Math.round(Math.max(narrowest, Math.min(widest, innerWidth * 0.7, next))));
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    dragged.current = true;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = ({ clientX }: PointerEvent) => {
    if (dragged.current && panel.current) set(panel.current.getBoundingClientRect().right - clientX);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const change = { ArrowLeft: step, ArrowRight: -step }[event.key];
    if (change === undefined) return;
    event.preventDefault();
    set(now + change);
  };
  return (
    <div
      className={css.edge}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      aria-valuenow={now}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => (dragged.current = false)}
      onPointerCancel={() => (dragged.current = false)}
      onDoubleClick={() => width.set(usual)}
      onKeyDown={onKeyDown}
    />
  );
}
