import "@xyflow/react/dist/style.css";

import { Controls, MiniMap, type Node, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { Model } from "../../live/model";
import type { Selection } from "../../parts/selection";
import css from "./canvas.module.css";
import { useMapView } from "./context";
import { ArrowHeads, edgeTypes, type FlowEdgeType } from "./FlowEdge";
import { flowThrough, HighlightContext } from "./highlight";
import { componentId, firstView, groupHead, type Layout, layOut, operationHeight, type Placed, serviceId } from "./layout";
import { nodeTypes } from "./nodes";

// Below this many services the whole map is in view anyway.
const servicesForMiniMap = 12;

/** The map as a graph. */
export function Canvas({ shown }: { shown: Pick<Model, "services" | "components"> }) {
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
          <Graph layout={layout} size={size} miniMap={shown.services.length >= servicesForMiniMap} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

interface GraphProps {
  layout: Layout;
  size: { width: number; height: number };
  miniMap: boolean;
}

function Graph({ layout, size, miniMap }: GraphProps) {
  const { model, selection, select, matches } = useMapView();
  const nodes = useMemo(() => layout.nodes.map(nodeOf), [layout]);
  const edges = useMemo(() => edgesOf(layout, matches), [layout, matches]);
  const [first] = useState(() => firstView(layout, size));
  const highlight = useContext(HighlightContext);
  useEffect(() => highlight.select(selection && flowThrough(model, selection)), [highlight, model, selection]);
  useReveal(layout, selection);
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
  const frame = { id, type: placed.kind, position: { x, y }, width, height, className: "nopan" };
  switch (placed.kind) {
    case "service":
      return { ...frame, data: { service: placed.service } };
    case "group":
      return { ...frame, data: { group: placed.group } };
    case "component":
      return { ...frame, data: { component: placed.component } };
  }
}

function edgesOf(layout: Layout, matches: ReadonlySet<string> | undefined): FlowEdgeType[] {
  const dimmed = new Set<string>();
  for (const node of layout.nodes) {
    if (node.kind !== "group" || !matches) continue;
    if (!node.group.operations.some(({ key }) => matches.has(key))) dimmed.add(node.id);
  }
  return layout.links.map(({ id, from, to, direction, side }) => {
    // Services have their ends on the right and components on the left; groups lie between.
    const rightwards = direction === "producer";
    const group = side === "service" ? (rightwards ? to : from) : rightwards ? from : to;
    return {
      id,
      type: "flow",
      source: from,
      target: to,
      sourceHandle: rightwards ? "right-out" : "left-out",
      targetHandle: rightwards ? "left-in" : "right-in",
      data: { direction, dim: dimmed.has(group) },
    };
  });
}

function miniMapClass(node: Node): string {
  return node.type === "group" ? css.miniGroup! : css.miniNode!;
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
      if (!point) return;
      const pane = document.querySelector(".react-flow")?.getBoundingClientRect();
      const { x, y } = flow.flowToScreenPosition(point);
      const inside = pane && x > pane.left + 60 && x < pane.right - 60 && y > pane.top + 30 && y < pane.bottom - 30;
      if (!inside) void flow.setCenter(point.x, point.y, { zoom: Math.max(flow.getZoom(), 0.7), duration: 150 });
    });
    return () => cancelAnimationFrame(frame);
  }, [flow, selection]);
}

function centreOf(layout: Layout, { kind, id }: Selection): { x: number; y: number } | undefined {
  const wanted = kind === "service" ? serviceId(id) : componentId(id);
  for (const node of layout.nodes) {
    const x = node.x + node.width / 2;
    if (node.kind === "group" && kind === "op") {
      const row = node.group.operations.findIndex(({ key }) => key === id);
      if (row >= 0) return { x, y: node.y + groupHead + (row + 0.5) * operationHeight };
    } else if (node.id === wanted) {
      return { x, y: node.y + node.height / 2 };
    }
  }
  return undefined;
}
