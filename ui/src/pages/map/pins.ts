// What people have put somewhere by hand stays there; everything else makes room.
import type { Box, Layout } from "./layout";

export interface Point {
  x: number;
  y: number;
}

/** Where blocks (Placed.block) were put. */
export type Pins = ReadonlyMap<string, Point>;

// Between things that would otherwise touch.
const gap = 12;

/**
 * The layout with pinned blocks where they were put. The others move down when a pinned block is in their place. Nothing
 * ever overlaps: a pinned block that has grown into another one is shown below it.
 */
export function pinned(layout: Layout, pins: Pins): Layout {
  const blocks = blocksOf(layout);
  const held = [...blocks].filter(([id]) => pins.has(id)).map(([id, box]) => ({ id, box, at: pins.get(id)! }));
  if (held.length === 0) return layout;
  const free = [...blocks].filter(([id]) => !pins.has(id)).map(([id, box]) => ({ id, box, at: box }));
  const byHeight = (a: { at: Point }, b: { at: Point }) => a.at.y - b.at.y || a.at.x - b.at.x;
  const taken = new Taken();
  const moves = new Map<string, Point>();
  for (const { id, box, at } of [...held.sort(byHeight), ...free.sort(byHeight)]) {
    const place = taken.clear({ ...box, x: at.x, y: at.y });
    taken.add(place);
    moves.set(id, { x: place.x - box.x, y: place.y - box.y });
  }
  const nodes = layout.nodes.map((node) => {
    const { x, y } = moves.get(node.block)!;
    return x === 0 && y === 0 ? node : { ...node, x: node.x + x, y: node.y + y };
  });
  return { ...layout, nodes, ...around(nodes) };
}

/** The boxes of all blocks of a layout. */
export function blocksOf({ nodes }: Layout): Map<string, Box> {
  const blocks = new Map<string, Box>();
  for (const node of nodes) {
    const known = blocks.get(node.block);
    const { x, y, width, height } = node;
    blocks.set(node.block, known ? around([known, node]) : { x, y, width, height });
  }
  return blocks;
}

function around(boxes: readonly Box[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

// About the width of a card: few boxes share a strip.
const strip = 256;

/** Boxes in their places, by vertical strips, so that only neighbours are compared. */
class Taken {
  private readonly strips = new Map<number, Box[]>();

  add(box: Box): void {
    for (const at of stripsOf(box)) this.strips.set(at, [...(this.strips.get(at) ?? []), box]);
  }

  /** The box at its place, or as far below it as it must be to overlap nothing. */
  clear(box: Box): Box {
    for (;;) {
      const other = this.at(box);
      if (!other) return box;
      box = { ...box, y: other.y + other.height + gap };
    }
  }

  private at(box: Box): Box | undefined {
    for (const at of stripsOf(box)) {
      const found = this.strips.get(at)?.find((one) => overlap(one, box));
      if (found) return found;
    }
    return undefined;
  }
}

function stripsOf({ x, width }: Box): number[] {
  const first = Math.floor(x / strip);
  return Array.from({ length: Math.floor((x + width) / strip) - first + 1 }, (_, i) => first + i);
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
