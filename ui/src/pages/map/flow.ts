// Which parts of a layout belong to something on the map, and where that is.
import type { Group } from "../../live/model";
import type { Selection } from "../../parts/selection";
import { groupHead, type Layout, operationHeight, type Placed } from "./layout";

/** Ids of all nodes and links that data passes through, end to end, for one thing on the map. */
export function flowThrough(layout: Layout, selection: Selection): Set<string> {
  const ids = new Set<string>();
  for (const node of layout.nodes) if (isSelected(node, selection)) ids.add(node.id);
  for (const link of layout.links) {
    if (!link.groups.some((group) => touches(group, selection))) continue;
    [link.id, link.from, link.to].forEach((id) => ids.add(id));
  }
  return ids;
}

function isSelected(node: Placed, { kind, id }: Selection): boolean {
  switch (node.kind) {
    case "group":
      return kind === "op" && node.group.operations.some(({ key }) => key === id);
    case "summary":
      return kind === "op" && node.service.groups.some((group) => group.operations.some(({ key }) => key === id));
    case "service":
      return kind === "service" && same(node.service.name, id);
    case "component":
      return kind === "component" && same(node.component.name, id);
  }
}

function touches(group: Group, { kind, id }: Selection): boolean {
  if (kind === "service") return same(group.service, id);
  if (kind === "component") return same(group.component, id);
  return group.operations.some(({ key }) => key === id);
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The middle of what is selected; of an operation, the middle of its row. */
export function centreOf(layout: Layout, selection: Selection): { x: number; y: number } | undefined {
  const node = layout.nodes.find((one) => isSelected(one, selection));
  if (!node) return undefined;
  const x = node.x + node.width / 2;
  if (node.kind !== "group") return { x, y: node.y + node.height / 2 };
  const row = node.group.operations.findIndex(({ key }) => key === selection.id);
  return { x, y: node.y + groupHead + (row + 0.5) * operationHeight };
}
