import type { NodeChange, OnNodeDrag } from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";

import type { Layout } from "./layout";
import type { MapNode } from "./nodes";
import { blocksOf, type Point } from "./pins";
import { places } from "./kept";

/** Moves all nodes of a block with the one that is dragged, and pins the block where it is let go. */
export function useDragging(layout: Layout, placed: MapNode[]) {
  const [drag, setDrag] = useState<{ block: string } & Point>();
  const nodes = useMemo(() => (drag ? placed.map((node) => shifted(node, drag)) : placed), [placed, drag]);
  const byId = useMemo(() => new Map(placed.map((node) => [node.id, node])), [placed]);

  const onNodesChange = useCallback(
    (changes: NodeChange<MapNode>[]) => {
      for (const change of changes) {
        if (change.type !== "position" || !change.position || !change.dragging) continue;
        const node = byId.get(change.id);
        if (!node) continue;
        const { x, y } = change.position;
        setDrag({ block: node.data.block, x: x - node.position.x, y: y - node.position.y });
      }
    },
    [byId],
  );

  const onNodeDragStop: OnNodeDrag<MapNode> = (_, { data: { block } }) => {
    const box = blocksOf(layout).get(block);
    if (drag && box && drag.block === block) places.pin(block, { x: box.x + drag.x, y: box.y + drag.y });
    setDrag(undefined);
  };

  return { nodes, onNodesChange, onNodeDragStop };
}

function shifted(node: MapNode, { block, x, y }: { block: string } & Point): MapNode {
  if (node.data.block !== block) return node;
  return { ...node, position: { x: node.position.x + x, y: node.position.y + y } };
}
