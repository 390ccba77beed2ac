import { useReactFlow } from "@xyflow/react";
import { type KeyboardEvent, useMemo } from "react";

import { places } from "./kept";
import { bandStart, type Layout } from "./layout";
import { blocksOf } from "./pins";
import { type Arrow, nextStop, stopsOf } from "./stops";
import { reveal } from "./viewport";

// With Shift, arrow keys move what has the focus by this much: three steps of the grid that dragging keeps to.
const nudge = 24;
// Frames in which a card that was out of view appears.
const patience = 20;

const directions: Record<Arrow, { x: number; y: number }> = {
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
};

/** Arrow keys go from card to card; with Shift they move a card. */
export function useArrows(layout: Layout) {
  const flow = useReactFlow();
  const stops = useMemo(() => stopsOf(layout), [layout]);
  return (event: KeyboardEvent<HTMLElement>) => {
    const arrow = event.key as Arrow;
    const way = directions[arrow];
    const from = (event.target as HTMLElement).dataset["stop"];
    if (!way || from === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const pane = event.currentTarget;
    if (event.shiftKey) {
      const block = stops.get(from)?.block;
      const box = block === undefined ? undefined : blocksOf(layout).get(block);
      if (block !== undefined && box && !places.locked.snapshot()) places.pin(block, { x: box.x + nudge * way.x, y: box.y + nudge * way.y });
      return;
    }
    const stop = nextStop(stops, from, arrow);
    if (!stop) return;
    void flow.setViewport(reveal(flow.getViewport(), pane.getBoundingClientRect(), stop, bandStart(stop.x)));
    focus(pane, stop.id, patience);
  };
}

function focus(pane: HTMLElement, stop: string, frames: number): void {
  const found = pane.querySelector<HTMLElement>(`[data-stop="${CSS.escape(stop)}"]`);
  if (found) found.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focus(pane, stop, frames - 1));
}
