import "@xyflow/react/dist/style.css";

import { Background, type OnMoveEnd, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import { type MouseEvent, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { useCell } from "../../live/cell";
import type { Model } from "../../live/model";
import type { Selection } from "../../parts/selection";
import css from "./canvas.module.css";
import { useMapView } from "./context";
import { Controls } from "./Controls";
import { Drawing } from "./Drawing";
import { ArrowHeads, edgeTypes, type FlowEdgeType } from "./FlowEdge";
import { centreOf } from "./flow";
import { HighlightContext } from "./highlight";
import { bandStart, type IsFolded, type Layout, layOut } from "./layout";
import { MiniMap } from "./MiniMap";
import { type MapNode, nodeOf, nodeTypes } from "./nodes";
import { nodeAt } from "./paint";
import { operationsOf } from "./part";
import { pinned } from "./pins";
import { places } from "./kept";
import { hold } from "./steady";
import { useArrows } from "./useArrows";
import { useDragging } from "./useDragging";
import { firstView, isInView, reveal } from "./viewport";

// Below this zoom the letters of cards cannot be read; those of the drawing can.
const farZoom = 0.55;
const nearZoom = 0.85;
const few = 40;
const nothing: { nodes: MapNode[]; edges: FlowEdgeType[] } = { nodes: [], edges: [] };

interface Props {
  shown: Pick<Model, "services" | "components">;
  isFolded: IsFolded;
  onFoldAll: (folded: boolean) => void;
  /** Whether things are left out, so that what remains should fill the view. */
  narrowed: boolean;
}

/** The map as a graph. */
export function Canvas({ shown, isFolded, onFoldAll, narrowed }: Props) {
  const pins = useCell(places.pins);
  const base = useMemo(() => layOut(shown, isFolded), [shown, isFolded]);
  const layout = useMemo(() => pinned(base, pins), [base, pins]);
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<{ width: number; height: number }>();
  useLayoutEffect(() => {
    const { width, height } = box.current!.getBoundingClientRect();
    setSize({ width, height });
  }, []);
  return (
    <div ref={box} className={css.canvas} data-testid="map">
      {size && (
        <ReactFlowProvider>
          <Graph layout={layout} size={size} onFoldAll={onFoldAll} narrowed={narrowed} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

interface GraphProps {
  layout: Layout;
  size: { width: number; height: number };
  onFoldAll: (folded: boolean) => void;
  narrowed: boolean;
}

function Graph({ layout, size, onFoldAll, narrowed }: GraphProps) {
  const { selection, select, matches } = useMapView();
  const locked = useCell(places.locked);
  const placed = useMemo(() => layout.nodes.map(nodeOf), [layout]);
  const { nodes, ...dragging } = useDragging(layout, placed);
  const edges = useMemo(() => edgesOf(layout, matches), [layout, matches]);
  const flow = useReactFlow();
  const [first] = useState(() => {
    const kept = places.view;
    return kept && isInView(layout, kept, size) ? kept : firstView(layout, size);
  });
  // A few cards can be elements at any zoom.
  const many = layout.nodes.length > few;
  const far = useStore(({ transform }) => many && transform[2] < farZoom);
  const [moving, setMoving] = useState(false);
  useEffect(() => {
    hold(moving);
    return () => hold(false);
  }, [moving]);
  const highlight = useContext(HighlightContext);
  useEffect(() => highlight.show(layout, selection), [highlight, layout, selection]);
  useReveal(layout, selection);
  useRefit(layout, narrowed);
  const moved: OnMoveEnd = (event, view) => {
    setMoving(false);
    // Only what people look for themselves is worth coming back to.
    if (event && !narrowed) places.look(view);
  };
  const pressed = (event: MouseEvent) => {
    const node = far ? nodeAt(layout, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })) : undefined;
    if (!node) return select(undefined);
    void flow.setCenter(node.x + node.width / 2, node.y + node.height / 2, { zoom: nearZoom, duration: motion() });
  };
  return (
    <ReactFlow
      className={moving ? css.moving! : ""}
      nodes={far ? nothing.nodes : nodes}
      edges={far ? nothing.edges : edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      defaultViewport={first}
      minZoom={0.05}
      maxZoom={1.6}
      nodesDraggable={!locked}
      nodeDragThreshold={4}
      snapToGrid
      snapGrid={[8, 8]}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      disableKeyboardA11y
      onlyRenderVisibleElements
      panOnScroll
      {...dragging}
      onMoveStart={() => setMoving(true)}
      onMoveEnd={moved}
      onPaneClick={pressed}
      onKeyDown={useArrows(layout)}
      aria-label="Map of services, operations and components"
    >
      <Background gap={24} size={1.5} color="var(--dots)" />
      {far && <Drawing layout={layout} />}
      {many && <MiniMap layout={layout} />}
      <ArrowHeads />
      <Controls layout={layout} onFoldAll={onFoldAll} />
    </ReactFlow>
  );
}

function edgesOf(layout: Layout, matches: ReadonlySet<string> | undefined): FlowEdgeType[] {
  return layout.links.map((link) => {
    const { id, from, to, direction, side, shift } = link;
    const keys = operationsOf(link);
    const rightwards = direction === "producer";
    const written = side === "service" ? (rightwards ? "target" : "source") : undefined;
    return {
      id,
      type: "flow",
      source: from,
      target: to,
      sourceHandle: rightwards ? "right-out" : "left-out",
      targetHandle: rightwards ? "left-in" : "right-in",
      data: { direction, keys, shift, written, dim: matches !== undefined && !keys.some((key) => matches.has(key)) },
    };
  });
}

/** Shows the beginning of the map again whenever things are left out of it or come back. */
function useRefit(layout: Layout, narrowed: boolean) {
  const flow = useReactFlow();
  const shown = `${narrowed} ${narrowed && layout.nodes.map(({ id }) => id).join()}`;
  const before = useRef(shown);
  useEffect(() => {
    const pane = document.querySelector(".react-flow")?.getBoundingClientRect();
    if (before.current === shown || !pane) return;
    before.current = shown;
    void flow.setViewport(firstView(layout, pane));
  }, [flow, layout, shown]);
}

/** Brings a selected thing into view when it is not; does nothing when it is. */
function useReveal(layout: Layout, selection: Selection | undefined) {
  const flow = useReactFlow();
  const layoutRef = useRef(layout);
  layoutRef.current = layout;
  useEffect(() => {
    if (!selection) return;
    // After the inspector has taken its place.
    const frame = requestAnimationFrame(() => {
      const point = centreOf(layoutRef.current, selection);
      const pane = document.querySelector(".react-flow")?.getBoundingClientRect();
      if (!point || !pane) return;
      void flow.setViewport(reveal(flow.getViewport(), pane, point, bandStart(point.x)), { duration: motion() });
    });
    return () => cancelAnimationFrame(frame);
  }, [flow, selection]);
}

/** How long a movement of the view takes. */
function motion(): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150;
}
