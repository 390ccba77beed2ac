// The map as a drawing, for when it is too far away to be read and too much to be built of elements.
import type { Direction } from "../../live/audience";
import type { Emphasis } from "./highlight";
import { type Box, groupHead, type Layout, type Link, operationHeight, type Placed } from "./layout";
import type { Viewport } from "./viewport";

export interface Inks {
  surface: string;
  line: string;
  text: string;
  muted: string;
  accent: string;
  consumer: string;
  producer: string;
  consumerSoft: string;
  producerSoft: string;
}

export interface Look {
  emphasis: (id: string) => Emphasis;
  /** Whether none of these operations matches the filter. */
  isDim: (keys: readonly string[]) => boolean;
  keysOf: (part: Placed | Link) => readonly string[];
}

const faint = 0.18;
// Names are drawn while their letters are at least this high on the screen.
const leastLetters = 7;
const letters = 26;

/** Draws what of the layout lies in a pane of the given size. */
export function paint(context: CanvasRenderingContext2D, size: { width: number; height: number }, view: Viewport, layout: Layout, look: Look, inks: Inks): void {
  const { x, y, zoom } = view;
  const seen: Box = { x: -x / zoom, y: -y / zoom, width: size.width / zoom, height: size.height / zoom };
  const nodes = new Map(layout.nodes.map((node) => [node.id, node]));
  context.save();
  context.translate(x, y);
  context.scale(zoom, zoom);
  for (const link of layout.links) {
    const [from, to] = [nodes.get(link.from), nodes.get(link.to)];
    if (from && to && (touch(from, seen) || touch(to, seen))) drawLink(context, link, from, to, look, inks);
  }
  for (const node of layout.nodes) if (touch(node, seen)) drawNode(context, node, zoom, look, inks);
  context.restore();
}

function touch(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function strength(emphasis: Emphasis, dim: boolean): number {
  if (dim) return faint;
  return { on: 1, off: faint * 2, none: 0.75 }[emphasis];
}

function drawLink(context: CanvasRenderingContext2D, link: Link, from: Box, to: Box, look: Look, inks: Inks): void {
  const emphasis = look.emphasis(link.id);
  const rightwards = from.x < to.x;
  const x1 = rightwards ? from.x + from.width : from.x;
  const x2 = rightwards ? to.x : to.x + to.width;
  const y1 = from.y + from.height / 2 + link.shift;
  const y2 = to.y + to.height / 2 + link.shift;
  const middle = (x1 + x2) / 2;
  context.globalAlpha = strength(emphasis, look.isDim(look.keysOf(link))) * (emphasis === "on" ? 1 : 0.6);
  context.strokeStyle = inks[link.direction];
  context.lineWidth = emphasis === "on" ? 5 : 2.5;
  context.beginPath();
  context.moveTo(x1, y1);
  context.bezierCurveTo(middle, y1, middle, y2, x2, y2);
  context.stroke();
}

function drawNode(context: CanvasRenderingContext2D, node: Placed, zoom: number, look: Look, inks: Inks): void {
  const emphasis = look.emphasis(node.id);
  context.globalAlpha = look.isDim(look.keysOf(node)) ? faint : emphasis === "off" ? 0.45 : 1;
  const direction: Direction | undefined = node.kind === "group" ? node.group.direction : undefined;
  context.fillStyle = direction ? inks[`${direction}Soft`] : inks.surface;
  context.strokeStyle = emphasis === "on" ? inks.accent : inks.line;
  context.lineWidth = Math.max(1, 1 / zoom);
  context.beginPath();
  context.roundRect(node.x, node.y, node.width, node.height, 8);
  context.fill();
  context.stroke();
  if (direction) {
    context.fillStyle = inks[direction];
    context.fillRect(node.x, node.y, 8, node.height);
  }
  if (letters * zoom < leastLetters) return;
  context.font = `600 ${letters}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.fillStyle = inks.text;
  if (node.kind === "group") {
    node.group.operations.forEach(({ operation }, i) => write(context, operation, node, groupHead + (i + 0.5) * operationHeight));
  } else if (node.kind !== "summary") {
    write(context, node.kind === "service" ? node.service.name : node.component.name, node, node.height / 2);
  }
}

const indent = 20;

function write(context: CanvasRenderingContext2D, text: string, { x, y, width }: Box, down: number): void {
  context.fillText(fit(context, text, width - 1.5 * indent), x + indent, y + down);
}

// Measuring is slow, and names stay the same.
const fitted = new Map<string, string>();
const mostFitted = 10_000;

/** As much of a text as fits. */
function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${width} ${text}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  let found = text;
  for (let end = text.length - 1; end > 0 && context.measureText(found).width > width; end--) found = text.slice(0, end) + "…";
  if (fitted.size >= mostFitted) fitted.clear();
  fitted.set(key, found);
  return found;
}

/** What of the layout lies at a point. */
export function nodeAt(layout: Layout, { x, y }: { x: number; y: number }): Placed | undefined {
  return layout.nodes.findLast((node) => x >= node.x && x <= node.x + node.width && y >= node.y && y <= node.y + node.height);
}
