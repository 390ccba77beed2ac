import type { Announcements, UniqueIdentifier } from "@dnd-kit/core";
import type { ReactNode } from "react";

import type { Assignment } from "../../../live/model";
import { Sortable } from "../../../parts/Sortable";
import css from "./pipelines.module.css";

interface Props {
  list: readonly Assignment[];
  name: (id: string) => string;
  canMove: boolean;
  onMove: (id: string, place: number) => void;
  children: ReactNode;
}

/** The attached pipelines, to be dragged to another place. */
export function Ordered({ list, name, canMove, onMove, children }: Props) {
  const keys = keysOf(list);
  const placeOf = (key: UniqueIdentifier) => keys.indexOf(String(key));
  return (
    <Sortable
      keys={keys}
      label="Attached pipelines in the order they run"
      className={css.list}
      disabled={!canMove}
      onMove={(from, to) => onMove(list[from]!.id, to)}
      accessibility={{ announcements: announcements(list, placeOf, name), screenReaderInstructions: { draggable: instructions } }}
    >
      {children}
    </Sortable>
  );
}

const instructions = "Press Space to lift the pipeline, the up and down arrows to move it, Space to put it down, and Escape to leave it where it was.";

function announcements(list: readonly Assignment[], placeOf: (key: UniqueIdentifier) => number, name: (id: string) => string): Announcements {
  const said = (key: UniqueIdentifier) => name(list[placeOf(key)]?.id ?? "");
  const at = (key: UniqueIdentifier | undefined) => (key === undefined ? "" : ` at place ${placeOf(key) + 1} of ${list.length}`);
  return {
    onDragStart: ({ active }) => `${said(active.id)} is lifted${at(active.id)}.`,
    onDragOver: ({ active, over }) => `${said(active.id)} is${at(over?.id) || " outside of the list"}.`,
    onDragEnd: ({ active, over }) => `${said(active.id)} is put down${at(over?.id)}.`,
    onDragCancel: ({ active }) => `${said(active.id)} stays where it was.`,
  };
}

/** A name for each row. A list may have a pipeline twice; the second one is told apart by how many came before it. */
export function keysOf(list: readonly Assignment[]): string[] {
  const seen = new Map<string, number>();
  return list.map(({ id }) => {
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    return `${id}/${before}`;
  });
}
