// The way of the arrow keys through the map.
import { groupHead, type Layout, operationHeight } from "./layout";

/** What can have the focus: a card, or one operation of a group (by its key). */
interface Stop {
  id: string;
  /** What moves when it is moved. */
  block: string;
  column: "service" | "middle" | "component";
  /** Its middle. */
  x: number;
  y: number;
  /** Those that data comes from or goes to, on either side. */
  left: Set<string>;
  right: Set<string>;
}

export type Stops = ReadonlyMap<string, Stop>;

export function stopsOf(layout: Layout): Stops {
  const stops = new Map<string, Stop>();
  const inNode = new Map<string, Stop[]>();
  const add = (node: string, stop: Omit<Stop, "left" | "right">) => {
    const made = { ...stop, left: new Set<string>(), right: new Set<string>() };
    stops.set(stop.id, made);
    inNode.set(node, [...(inNode.get(node) ?? []), made]);
  };
  for (const node of layout.nodes) {
    const { id, block } = node;
    const x = node.x + node.width / 2;
    if (node.kind === "group") {
      node.group.operations.forEach(({ key }, i) => add(id, { id: key, block, column: "middle", x, y: node.y + groupHead + (i + 0.5) * operationHeight }));
    } else {
      add(id, { id, block, column: node.kind === "summary" ? "middle" : node.kind, x, y: node.y + node.height / 2 });
    }
  }
  for (const { from, to, side } of layout.links) {
    const [a, b] = [inNode.get(from) ?? [], inNode.get(to) ?? []];
    const end = side === "service" ? "service" : "component";
    const [outer, middles] = a[0]?.column === end ? [a[0], b] : [b[0], a];
    for (const middle of middles) {
      if (!outer) continue;
      (side === "service" ? middle.left : middle.right).add(outer.id);
      (side === "service" ? outer.right : outer.left).add(middle.id);
    }
  }
  return stops;
}

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

/** Where an arrow key leads: along the flow to the sides, within the column up and down; undefined at the end. */
export function nextStop(stops: Stops, from: string, arrow: Arrow): Stop | undefined {
  const here = stops.get(from);
  if (!here) return undefined;
  if (arrow === "ArrowUp" || arrow === "ArrowDown") return nearest(here, vertical(stops, here, arrow === "ArrowUp" ? -1 : 1));
  const side = arrow === "ArrowLeft" ? -1 : 1;
  const linked = [...(side < 0 ? here.left : here.right)].map((id) => stops.get(id)!);
  if (linked.length > 0) return nearest(here, linked);
  return nearest(here, [...stops.values()].filter(({ x }) => (x - here.x) * side > 1));
}

// Cards of one column stand exactly in line unless they were moved.
const inLine = 60;

function vertical(stops: Stops, here: Stop, sign: number): Stop[] {
  const beyond = [...stops.values()].filter(({ y, column }) => column === here.column && (y - here.y) * sign > 1);
  const below = beyond.filter(({ x }) => Math.abs(x - here.x) < inLine);
  return below.length > 0 ? below : beyond;
}

function nearest(here: Stop, candidates: Stop[]): Stop | undefined {
  const distance = ({ x, y }: Stop) => Math.hypot(x - here.x, 2 * (y - here.y));
  let best: Stop | undefined;
  for (const one of candidates) if (!best || distance(one) < distance(best)) best = one;
  return best;
}
