// Where things are on the map: services | groups of operations | components, each in one column.
import type { Direction } from "../../live/audience";
import type { Component, Group, Model, Service } from "../../live/model";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Placed =
  | ({ kind: "service"; id: string; service: Service } & Box)
  | ({ kind: "group"; id: string; group: Group } & Box)
  | ({ kind: "component"; id: string; component: Component } & Box);

export interface Link {
  id: string;
  from: string;
  to: string;
  direction: Direction;
  /** Whether it runs between a service and a group, or between a group and a component. */
  side: "service" | "component";
}

export interface Layout {
  nodes: Placed[];
  links: Link[];
  width: number;
  height: number;
}

export const serviceSize = { width: 216, height: 56 };
export const componentSize = { width: 176, height: 48 };
export const groupWidth = 288;
export const groupHead = 34;
export const operationHeight = 50;

const columnGap = 104;
const groupGap = 12;
const serviceGap = 28;
const componentGap = 16;

const groupX = serviceSize.width + columnGap;
const componentX = groupX + groupWidth + columnGap;

export const serviceId = (name: string) => `service/${name.toLowerCase()}`;
export const groupId = (group: Group) => `group/${group.id}`;
export const componentId = (name: string) => `component/${name.toLowerCase()}`;

export function layOut(model: Pick<Model, "services" | "components">): Layout {
  const nodes: Placed[] = [];
  const links: Link[] = [];
  const centres = new Map<string, number>();
  let y = 0;
  for (const service of model.services) {
    const top = y;
    for (const group of service.groups) {
      const height = groupHead + group.operations.length * operationHeight;
      nodes.push({ kind: "group", id: groupId(group), group, x: groupX, y, width: groupWidth, height });
      centres.set(group.id, y + height / 2);
      links.push(...linksOf(group));
      y += height + groupGap;
    }
    const bottom = Math.max(y - groupGap, top + serviceSize.height);
    nodes.push({ kind: "service", id: serviceId(service.name), service, x: 0, y: (top + bottom - serviceSize.height) / 2, ...serviceSize });
    y = bottom + serviceGap;
  }
  const height = Math.max(0, y - serviceGap);
  nodes.push(...placeComponents(model.components, centres, height));
  return { nodes, links, width: componentX + componentSize.width, height };
}

/** Each component goes beside the middle of its groups; where two want the same place the lower one moves down. */
function placeComponents(components: Component[], centres: Map<string, number>, height: number): Placed[] {
  const wanted = components
    .map((component) => {
      const ys = component.groups.map((group) => centres.get(group.id) ?? 0);
      return { component, y: ys.reduce((sum, one) => sum + one, 0) / Math.max(1, ys.length) };
    })
    .sort((a, b) => a.y - b.y);
  const step = componentSize.height + componentGap;
  const tops: number[] = [];
  let least = 0;
  for (const { y } of wanted) {
    least = Math.max(least, y - componentSize.height / 2);
    tops.push(least);
    least += step;
  }
  // Pushing down may have run past the end; push back up as far as there is room.
  let most = Math.max(height, wanted.length * step) - componentSize.height;
  for (let i = tops.length - 1; i >= 0; i--) {
    tops[i] = Math.min(tops[i]!, most);
    most = tops[i]! - step;
  }
  return wanted.map(({ component }, i) => ({
    kind: "component",
    id: componentId(component.name),
    component,
    x: componentX,
    y: tops[i]!,
    ...componentSize,
  }));
}

function linksOf(group: Group): Link[] {
  const [service, middle, component] = [serviceId(group.service), groupId(group), componentId(group.component)];
  const { direction } = group;
  // Data runs from a producer to its component, and from a component to its consumer.
  const ends = (a: string, b: string) => (direction === "producer" ? { from: a, to: b } : { from: b, to: a });
  return [
    { id: `${middle}>service`, ...ends(service, middle), direction, side: "service" },
    { id: `${middle}>component`, ...ends(middle, component), direction, side: "component" },
  ];
}

export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

const margin = 32;
const readable = 0.6;
const largest = 1.15;

/** The first view: everything if it stays readable, else the top of the map across the full width. */
export function firstView(layout: Layout, size: { width: number; height: number }): Viewport {
  const across = (size.width - 2 * margin) / layout.width;
  const whole = Math.min(across, (size.height - 2 * margin) / layout.height, largest);
  const fits = whole >= readable;
  const zoom = fits ? whole : Math.min(largest, Math.max(across, readable));
  const x = across >= zoom ? (size.width - layout.width * zoom) / 2 : margin;
  const y = fits ? (size.height - layout.height * zoom) / 2 : margin;
  return { x, y, zoom };
}
