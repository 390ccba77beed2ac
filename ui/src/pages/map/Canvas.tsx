import "@xyflow/react/dist/style.css";

import { Controls, MiniMap, type Node, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { Model } from "../../live/model";
import type { Selection } from "../../parts/selection";
import css from "./canvas.module.css";
import { useMapView } from "./context";
import { ArrowHeads, edgeTypes, type FlowEdgeType } from "./FlowEdge";
import { HighlightContext } from "./highlight";
import { bandStart, centreOf, type Layout, layOut, type Placed } from "./layout";
import { nodeTypes } from "./nodes";
import { firstView, reveal } from "./viewport";

// Below this many services the whole map is in view anyway.
const servicesForMiniMap = 12;

/** The map as a graph. */
export function Canvas({ shown, narrowed }: { shown: Pick<Model, "services" | "components">; narrowed: boolean }) {
  const layout = useMemo(() => layOut(shown), [shown]);
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
          <Graph layout={layout} size={size} narrowed={narrowed} miniMap={shown.services.length >= servicesForMiniMap} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

interface GraphProps {
  layout: Layout;
  size: { width: number; height: number };
  /** Whether things are left out, so that what remains should fill the view. */
  narrowed: boolean;
  miniMap: boolean;
}

function Graph({ layout, size, narrowed, miniMap }: GraphProps) {
  const { selection, select, matches } = useMapView();
  const nodes = useMemo(() => layout.nodes.map(nodeOf), [layout]);
  const edges = useMemo(() => edgesOf(layout, matches), [layout, matches]);
  const [first] = useState(() => firstView(layout, size));
  const highlight = useContext(HighlightContext);
  useEffect(() => highlight.show(layout, selection), [highlight, layout, selection]);
  useReveal(layout, selection);
  useRefit(layout, narrowed);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      defaultViewport={first}
      minZoom={0.05}
      maxZoom={1.6}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      onlyRenderVisibleElements
      panOnScroll
      onPaneClick={() => select(undefined)}
      aria-label="Map of services, operations and components"
    >
      <ArrowHeads />
      <Controls showInteractive={false} position="bottom-left" fitViewOptions={{ padding: 0.06 }} />
      {miniMap && <MiniMap pannable zoomable position="bottom-right" nodeClassName={miniMapClass} className={css.minimap!} />}
    </ReactFlow>
  );
}

function nodeOf(placed: Placed): Node {
  const { id, x, y, width, height } = placed;
  // Nodes that can be neither dragged nor selected get no pointer events by default; ours contain buttons.
  const style = { pointerEvents: "all" as const };
  const frame = { id, position: { x, y }, width, height, style };
  switch (placed.kind) {
    case "service":
      return { ...frame, type: "service", data: { service: placed.service } };
    case "group":
      return { ...frame, type: "operations", data: { group: placed.group } };
    case "component":
      return { ...frame, type: "component", data: { component: placed.component, groups: placed.groups } };
  }
}

function edgesOf(layout: Layout, matches: ReadonlySet<string> | undefined): FlowEdgeType[] {
  return layout.links.map(({ id, from, to, direction, group }) => {
    const rightwards = direction === "producer";
    return {
      id,
      type: "flow",
      source: from,
      target: to,
      sourceHandle: rightwards ? "right-out" : "left-out",
      targetHandle: rightwards ? "left-in" : "right-in",
      data: { direction, dim: matches !== undefined && !group.operations.some(({ key }) => matches.has(key)) },
    };
  });
}

function miniMapClass(node: Node): string {
  return node.type === "operations" ? css.miniGroup! : css.miniNode!;
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
      const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150;
      void flow.setViewport(reveal(flow.getViewport(), pane, point, bandStart(point.x)), { duration });
    });
    return () => cancelAnimationFrame(frame);
  }, [flow, selection]);
}
