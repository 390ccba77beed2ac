// Where things are on the map: services | groups of operations | components, in columns.
// A long map is broken into bands of such columns, laid out like the lines of a page; each
// band shows its own copy of the components it uses, so that links stay short.
import type { Direction } from "../../live/audience";
import type { Component, Group, Model, Service } from "../../live/model";
import type { Selection } from "../../parts/selection";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Placed =
  | ({ kind: "service"; id: string; service: Service } & Box)
  | ({ kind: "group"; id: string; group: Group } & Box)
  /** With those of its groups that this copy of the component is linked to. */
  | ({ kind: "component"; id: string; component: Component; groups: Group[] } & Box);

/** A link from where data comes to where it goes. */
export interface Link {
  id: string;
  from: string;
  to: string;
  direction: Direction;
  group: Group;
}

export interface Layout {
  nodes: Placed[];
  links: Link[];
  width: number;
  height: number;
}

export const serviceSize = { width: 200, height: 56 };
export const componentSize = { width: 160, height: 48 };
export const groupWidth = 280;
export const groupHead = 34;
export const operationHeight = 50;

const columnGap = 88;
const groupGap = 12;
const serviceGap = 28;
const componentGap = 16;
const bandGap = { x: 80, y: 72 };

const groupX = serviceSize.width + columnGap;
const componentX = groupX + groupWidth + columnGap;
export const bandWidth = componentX + componentSize.width;
// Two bands of this height fill a common screen at a zoom that can still be read.
const bandHeight = 1_000;
// Width to height of the screens that the arrangement of bands is made for.
const screen = 1.6;

export function layOut(model: Pick<Model, "services" | "components">): Layout {
  const components = new Map(model.components.map((component) => [component.name, component]));
  const bands = intoBands(model.services);
  const columns = columnsFor(bands.length);
  const layout: Layout = { nodes: [], links: [], width: 0, height: 0 };
  let y = 0;
  for (let first = 0; first < bands.length; first += columns) {
    const line = bands.slice(first, first + columns);
    const heights = line.map((services, i) => {
      const x = i * (bandWidth + bandGap.x);
      layout.width = Math.max(layout.width, x + bandWidth);
      return placeBand(layout, { x, y }, services, components);
    });
    layout.height = y + Math.max(...heights);
    y = layout.height + bandGap.y;
  }
  return layout;
}

/** Services in bands of about the same height. */
function intoBands(services: Service[]): Service[][] {
  const heights = services.map((service) => serviceHeight(service) + serviceGap);
  const total = heights.reduce((sum, height) => sum + height, 0);
  const target = total / Math.max(1, Math.ceil(total / bandHeight));
  const bands: Service[][] = [];
  let filled = 0;
  services.forEach((service, i) => {
    const band = Math.floor((filled + heights[i]! / 2) / target);
    (bands[band] ??= []).push(service);
    filled += heights[i]!;
  });
  return bands.filter((band) => band !== undefined);
}

/** The number of bands side by side that makes the whole map largest on a screen. */
function columnsFor(bands: number): number {
  const zoom = (columns: number) =>
    Math.min(screen / (columns * (bandWidth + bandGap.x)), 1 / (Math.ceil(bands / columns) * (bandHeight + bandGap.y)));
  let best = 1;
  for (let columns = 2; columns <= bands; columns++) if (zoom(columns) > zoom(best)) best = columns;
  return best;
}

function serviceHeight(service: Service): number {
  const groups = service.groups.reduce((sum, group) => sum + groupHeight(group) + groupGap, -groupGap);
  return Math.max(serviceSize.height, groups);
}

function groupHeight(group: Group): number {
  return groupHead + group.operations.length * operationHeight;
}

/** Places services, their groups and the components of these; gives the band's height. */
function placeBand(layout: Layout, at: { x: number; y: number }, services: Service[], components: Map<string, Component>): number {
  const band = `${at.x},${at.y}`;
  const users = new Map<string, { groups: Group[]; centres: number[] }>();
  let y = at.y;
  for (const service of services) {
    const height = serviceHeight(service);
    const id = `service/${service.name}`;
    layout.nodes.push({ kind: "service", id, service, x: at.x, y: y + (height - serviceSize.height) / 2, ...serviceSize });
    let groupY = y;
    for (const group of service.groups) {
      const box = { x: at.x + groupX, y: groupY, width: groupWidth, height: groupHeight(group) };
      const middle = `group/${group.id}`;
      layout.nodes.push({ kind: "group", id: middle, group, ...box });
      layout.links.push(...linksOf(group, id, middle, `component/${group.component}/${band}`));
      const user = users.get(group.component) ?? { groups: [], centres: [] };
      user.groups.push(group);
      user.centres.push(box.y + box.height / 2 - at.y);
      users.set(group.component, user);
      groupY += box.height + groupGap;
    }
    y += height + serviceGap;
  }
  const height = y - serviceGap - at.y;
  const wanted = [...users].map(([name, { centres }]) => ({ name, y: centres.reduce((sum, one) => sum + one, 0) / centres.length }));
  for (const { name, y: top } of spread(wanted, height)) {
    const component = components.get(name);
    if (!component) continue;
    const box = { x: at.x + componentX, y: at.y + top, ...componentSize };
    layout.nodes.push({ kind: "component", id: `component/${name}/${band}`, component, groups: users.get(name)!.groups, ...box });
  }
  return Math.max(height, wanted.length * (componentSize.height + componentGap) - componentGap);
}

/** Tops of boxes as near as possible to the wanted centres, without overlap and within the height where there is room. */
function spread(wanted: { name: string; y: number }[], height: number): { name: string; y: number }[] {
  const step = componentSize.height + componentGap;
  const sorted = [...wanted].sort((a, b) => a.y - b.y);
  let least = 0;
  const tops = sorted.map(({ y }) => {
    const top = Math.max(least, y - componentSize.height / 2);
    least = top + step;
    return top;
  });
  // Pushing down may have run past the end; push back up.
  let most = Math.max(height, sorted.length * step - componentGap) - componentSize.height;
  for (let i = tops.length - 1; i >= 0; i--) {
    tops[i] = Math.min(tops[i]!, most);
    most = tops[i]! - step;
  }
  return sorted.map(({ name }, i) => ({ name, y: tops[i]! }));
}

function linksOf(group: Group, service: string, middle: string, component: string): Link[] {
  const { direction } = group;
  // Data runs from a producer to its component, and from a component to its consumer.
  const ends = (a: string, b: string) => (direction === "producer" ? { from: a, to: b } : { from: b, to: a });
  return [
    { id: `${middle}>service`, ...ends(service, middle), direction, group },
    { id: `${middle}>component`, ...ends(middle, component), direction, group },
  ];
}

/** Ids of all nodes and links that data passes through, end to end, for one thing on the map. */
export function flowThrough(layout: Layout, selection: Selection): Set<string> {
  const ids = new Set<string>();
  for (const node of layout.nodes) if (isSelected(node, selection)) ids.add(node.id);
  for (const link of layout.links) {
    if (!touches(link.group, selection)) continue;
    [link.id, link.from, link.to].forEach((id) => ids.add(id));
  }
  return ids;
}

function isSelected(node: Placed, { kind, id }: Selection): boolean {
  if (node.kind === "group") return kind === "op" && node.group.operations.some(({ key }) => key === id);
  const { name } = node.kind === "service" ? node.service : node.component;
  return node.kind === kind && same(name, id);
}

function touches(group: Group, { kind, id }: Selection): boolean {
  if (kind === "service") return same(group.service, id);
  if (kind === "component") return same(group.component, id);
  return group.operations.some(({ key }) => key === id);
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Where the band begins that a horizontal position lies in. */
export function bandStart(x: number): number {
  const step = bandWidth + bandGap.x;
  return Math.floor(x / step) * step;
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
