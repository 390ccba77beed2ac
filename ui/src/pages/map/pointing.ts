import { type FocusEvent, type PointerEvent, useContext } from "react";

import type { Selection } from "../../parts/selection";
import { useMapView } from "./context";
import { HighlightContext } from "./highlight";

/** Highlights the flow through something while the pointer or the focus is on it. */
export function usePointing(selection: Selection) {
  const highlight = useContext(HighlightContext);
  const point = () => highlight.point(selection);
  const release = () => highlight.point(undefined);
  // The map may move under a pointer that rests; only one that moves points at something.
  const move = ({ movementX, movementY }: PointerEvent) => {
    if (movementX !== 0 || movementY !== 0) point();
  };
  const focus = ({ currentTarget }: FocusEvent) => {
    if (currentTarget.matches(":focus-visible")) point();
  };
  return { onPointerMove: move, onPointerLeave: release, onFocus: focus, onBlur: release };
}

export function useSelected(selection: Selection) {
  const { selection: current, select } = useMapView();
  const selected = current?.kind === selection.kind && current.id.toLowerCase() === selection.id.toLowerCase();
  return { "aria-pressed": selected, onClick: () => select(selected ? undefined : selection) };
}
