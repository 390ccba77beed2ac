// Which parts of the map stand out: the flow through what is pointed at, else through what is selected.
import { createContext, useContext, useSyncExternalStore } from "react";

import type { Model } from "../../live/model";
import type { Selection } from "../../parts/selection";
import { componentId, groupId, serviceId } from "./layout";

export type Emphasis = "on" | "off" | "none";

/** Kept outside of React's state, so that pointing re-renders only what changes its look. */
export class Highlight {
  private pointed: ReadonlySet<string> | undefined;
  private selected: ReadonlySet<string> | undefined;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  point(flow: ReadonlySet<string> | undefined): void {
    this.pointed = flow;
    this.listeners.forEach((listener) => listener());
  }

  select(flow: ReadonlySet<string> | undefined): void {
    this.selected = flow;
    this.listeners.forEach((listener) => listener());
  }

  emphasis(id: string): Emphasis {
    if (this.pointed) return this.pointed.has(id) ? "on" : "off";
    return this.selected?.has(id) ? "on" : "none";
  }
}

export const HighlightContext = createContext(new Highlight());

export function useEmphasis(id: string): Emphasis {
  const highlight = useContext(HighlightContext);
  return useSyncExternalStore(highlight.subscribe, () => highlight.emphasis(id));
}

/** Ids of all nodes and links that data passes through, end to end, for one thing on the map. */
export function flowThrough(model: Model, selection: Selection): Set<string> {
  const ids = new Set<string>();
  for (const service of model.services) {
    for (const group of service.groups) {
      if (!touches(selection, group.service, group.component, group.operations.map((o) => o.key))) continue;
      const middle = groupId(group);
      [serviceId(group.service), middle, componentId(group.component), `${middle}>service`, `${middle}>component`].forEach((id) =>
        ids.add(id),
      );
    }
  }
  if (selection.kind === "service") ids.add(serviceId(selection.id));
  return ids;
}

function touches({ kind, id }: Selection, service: string, component: string, keys: string[]): boolean {
  if (kind === "service") return service.toLowerCase() === id.toLowerCase();
  if (kind === "component") return component.toLowerCase() === id.toLowerCase();
  return keys.includes(id);
}
