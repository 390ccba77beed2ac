import type { NodeChange, OnNodeDrag } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";

import type { Layout } from "./layout";
import type { MapNode } from "./nodes";
import { blocksOf, type Point } from "./pins";
import { places } from "./kept";

type Drag = { block: string } & Point;

/** Moves all nodes of a block with the one that is dragged, and pins the block where it is let go. */
export function useDragging(layout: Layout, placed: MapNode[]) {
  const [drag, setDrag] = useState<Drag>();
  // What is let go may have moved since it was last rendered.
  const latest = useRef<Drag>(undefined);
  const nodes = useMemo(() => (drag ? placed.map((node) => shifted(node, drag)) : placed), [placed, drag]);
  const byId = useMemo(() => new Map(placed.map((node) => [node.id, node])), [placed]);

  const onNodesChange = useCallback(
    (changes: NodeChange<MapNode>[]) => {
      for (const change of changes) {
        if (change.type !== "position" || !change.position || !change.dragging) continue;
        const node = byId.get(change.id);
        if (!node) continue;
        const { x, y } = change.position;
        latest.current = { block: node.data.block, x: x - node.position.x, y: y - node.position.y };
        setDrag(latest.current);
      }
    },
    [byId],
  );

  const onNodeDragStop: OnNodeDrag<MapNode> = (_, { data: { block } }) => {
    const box = blocksOf(layout).get(block);
    const moved = latest.current;
    if (moved && box && moved.block === block) places.pin(block, { x: box.x + moved.x, y: box.y + moved.y });
    latest.current = undefined;
    setDrag(undefined);
  };

  return { nodes, onNodesChange, onNodeDragStop };
}

function shifted(node: MapNode, { block, x, y }: Drag): MapNode {
  if (node.data.block !== block) return node;
  return { ...node, position: { x: node.position.x + x, y: node.position.y + y } };
}
