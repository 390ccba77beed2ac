// Which parts of the map stand out: the flow through what is pointed at, else through what is selected.
import { createContext, useContext, useSyncExternalStore } from "react";

import type { Selection } from "../../parts/selection";
import { flowThrough } from "./flow";
import type { Layout } from "./layout";

export type Emphasis = "on" | "off" | "none";

/** Kept outside of React's state, so that pointing re-renders only what changes its look. */
export class Highlight {
  private layout: Layout | undefined;
  private pointedAt: string | undefined;
  private pointed: ReadonlySet<string> | undefined;
  private selected: ReadonlySet<string> | undefined;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  show(layout: Layout, selection: Selection | undefined): void {
    this.layout = layout;
    this.selected = selection && flowThrough(layout, selection);
    this.changed();
  }

  point(selection: Selection | undefined): void {
    const at = selection && `${selection.kind} ${selection.id}`;
    if (at === this.pointedAt) return;
    this.pointedAt = at;
    this.pointed = selection && this.layout && flowThrough(this.layout, selection);
    this.changed();
  }

  /** Off only while something else is pointed at: a selection must not hide the rest for long. */
  emphasis(id: string): Emphasis {
    if (this.pointed) return this.pointed.has(id) ? "on" : "off";
    return this.selected?.has(id) ? "on" : "none";
  }

  private changed(): void {
    this.listeners.forEach((listener) => listener());
  }
}

export const HighlightContext = createContext(new Highlight());

export function useEmphasis(id: string): Emphasis {
  const highlight = useContext(HighlightContext);
  return useSyncExternalStore(highlight.subscribe, () => highlight.emphasis(id));
}
