import { Panel, useReactFlow } from "@xyflow/react";
import { AlignHorizontalDistributeCenter, ChevronsDownUp, ChevronsUpDown, Lock, LockOpen, Maximize, Minus, Plus } from "lucide-react";
import type { ReactNode } from "react";

import { useCell } from "../../live/cell";
import { useToasts } from "../../parts/toast";
import css from "./controls.module.css";
import type { Layout } from "./layout";
import { places } from "./kept";

/** What can be done with the view of the map. */
export function Controls({ layout, onFoldAll }: { layout: Layout; onFoldAll: (folded: boolean) => void }) {
  const flow = useReactFlow();
  const toasts = useToasts();
  const pins = useCell(places.pins);
  const locked = useCell(places.locked);
  const anyOpen = layout.nodes.some(({ kind }) => kind === "group");
  const fit = () => {
    places.look(undefined);
    void flow.fitBounds(layout, { padding: 0.06 });
  };
  const tidy = () => {
    places.replace(new Map());
    toasts.done("Everything is back in its place", () => places.replace(pins));
  };
  return (
    <Panel position="bottom-left" className={css.controls!} aria-label="View of the map" role="group">
      <Control label="Zoom in" onClick={() => void flow.zoomIn()}>
        <Plus size={15} />
      </Control>
      <Control label="Zoom out" onClick={() => void flow.zoomOut()}>
        <Minus size={15} />
      </Control>
      <Control label="Show everything" onClick={fit}>
        <Maximize size={14} />
      </Control>
      {/* One press folds what is open; the next opens everything. */}
      <Control label={anyOpen ? "Show only sums" : "Show all operations"} onClick={() => onFoldAll(anyOpen)}>
        {anyOpen ? <ChevronsDownUp size={14} /> : <ChevronsUpDown size={14} />}
      </Control>
      <Control label="Lock what is on the map" pressed={locked} onClick={() => places.lock(!locked)}>
        {locked ? <Lock size={14} /> : <LockOpen size={14} />}
      </Control>
      {pins.size > 0 && (
        <Control label="Tidy: undo what was moved by hand" onClick={tidy}>
          <AlignHorizontalDistributeCenter size={14} />
        </Control>
      )}
    </Panel>
  );
}

interface ControlProps {
  label: string;
  pressed?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Control({ label, pressed, onClick, children }: ControlProps) {
  return (
    <button type="button" className={css.control} aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}>
      {children}
    </button>
  );
}
