import type { Node } from "@xyflow/react";

import { ComponentCard, type ComponentNode } from "./ComponentCard";
import { GroupCard, type GroupNode } from "./GroupCard";
import { ServiceCard, type ServiceNode } from "./ServiceCard";
import { SummaryCard, type SummaryNode } from "./SummaryCard";
import type { Placed } from "./layout";

// xyflow has a look of its own for the type name "group".
export const nodeTypes = { service: ServiceCard, operations: GroupCard, summary: SummaryCard, component: ComponentCard };

export type MapNode = ServiceNode | GroupNode | SummaryNode | ComponentNode;

export function nodeOf(placed: Placed): MapNode {
  const { id, block, x, y, width, height } = placed;
  // Nodes that cannot be selected get no pointer events by default; ours contain buttons.
  const frame = { id, position: { x, y }, width, height, style: { pointerEvents: "all" as const } } satisfies Partial<Node>;
  switch (placed.kind) {
    case "service":
      return { ...frame, type: "service", data: { block, service: placed.service, folded: placed.folded } };
    case "group":
      return { ...frame, type: "operations", data: { block, group: placed.group } };
    case "summary":
      return { ...frame, type: "summary", data: { block, service: placed.service } };
    case "component":
      return { ...frame, type: "component", data: { block, component: placed.component, groups: placed.groups } };
  }
}
