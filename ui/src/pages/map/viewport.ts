// Which part of the map is on the screen.
import { bandWidth, type Layout } from "./layout";

export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

interface Size {
  width: number;
  height: number;
}

const margin = 32;
const readable = 0.7;
const largest = 1.05;
// Beside the inspector, which says it all in full size, smaller letters will do.
const recognizable = 0.56;

/** The first view: everything if it stays readable, else the beginning across the full width. */
export function firstView(layout: Layout, size: Size): Viewport {
  const across = (size.width - 2 * margin) / layout.width;
  const whole = Math.min(across, (size.height - 2 * margin) / layout.height, largest);
  if (whole >= readable) return from(layout, (size.width - layout.width * whole) / 2, (size.height - layout.height * whole) / 2, whole);
  const bands = Math.max(1, Math.floor(size.width / (bandWidth * readable)));
  const shown = Math.min(layout.width, bands * bandWidth * 1.1);
  const zoom = Math.min(largest, Math.max(readable, (size.width - 2 * margin) / shown));
  const spare = size.width - layout.width * zoom;
  return from(layout, spare > 2 * margin ? spare / 2 : margin, margin, zoom);
}

/** The view that has the upper left corner of the layout at a point of the screen. */
function from(layout: Layout, x: number, y: number, zoom: number): Viewport {
  return { x: x - layout.x * zoom, y: y - layout.y * zoom, zoom };
}

/** Whether a view shows anything at all. */
export function isInView(layout: Layout, { x, y, zoom }: Viewport, size: Size): boolean {
  return layout.nodes.some((node) => {
    const [left, top] = [node.x * zoom + x, node.y * zoom + y];
    return left < size.width && top < size.height && left + node.width * zoom > 0 && top + node.height * zoom > 0;
  });
}

/** The nearest view in which a point can be seen, with all of its band if that stays readable. */
export function reveal(now: Viewport, size: Size, point: { x: number; y: number }, bandX: number): Viewport {
  const across = (size.width - 2 * margin) / bandWidth;
  const zoom = now.zoom > across && across >= recognizable && now.zoom <= largest ? across : now.zoom;
  // The point stays at its height on the screen while the zoom changes.
  const screenY = point.y * now.zoom + now.y;
  const y = within(screenY, margin, size.height - margin) ? screenY - point.y * zoom : size.height / 2 - point.y * zoom;
  const [left, right] = [bandX * zoom, (bandX + bandWidth) * zoom];
  if (right - left <= size.width - 2 * margin + 1) {
    if (now.x + left >= margin - 1 && now.x + right <= size.width - margin + 1) return { x: now.x, y, zoom };
    return { x: (size.width - right - left) / 2, y, zoom };
  }
  const screenX = point.x * zoom + now.x;
  const x = within(screenX, 3 * margin, size.width - 3 * margin) ? now.x : size.width / 2 - point.x * zoom;
  return { x, y, zoom };
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
