// Where things are on the map: services | groups of operations | components, in columns.
// A long map is broken into bands of such columns, laid out like the lines of a page; each
// band shows its own copy of the components it uses, so that links stay short.
import type { Direction } from "../../live/audience";
import type { Component, Group, Model, Service } from "../../live/model";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What moves as one: a service with its groups, or a copy of a component. */
interface InBlock {
  block: string;
}

export type Placed = InBlock &
  Box &
  (
    | { kind: "service"; id: string; service: Service; folded: boolean }
    | { kind: "group"; id: string; group: Group }
    /** What stands for all groups of a folded service. */
    | { kind: "summary"; id: string; service: Service }
    /** With those of its groups that this copy of the component is linked to. */
    | { kind: "component"; id: string; component: Component; groups: Group[] }
  );

/** A link from where data comes to where it goes. */
export interface Link {
  id: string;
  from: string;
  to: string;
  direction: Direction;
  groups: Group[];
  /** Which end of the way it is. */
  side: "service" | "component";
  /** How far below the middle of its ends it runs, beside its counterpart in the other direction. */
  shift: number;
}

/** The box around everything, and what is in it. */
export interface Layout extends Box {
  nodes: Placed[];
  links: Link[];
}

export const serviceSize = { width: 200, height: 56 };
export const componentSize = { width: 172, height: 48 };
export const groupWidth = 296;
export const groupHead = 34;
export const operationHeight = 50;

const columnGap = 104;
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

/** Whether a service is shown as a sum instead of by its operations. */
export type IsFolded = (service: string) => boolean;

const none: IsFolded = () => false;

export function layOut(model: Pick<Model, "services" | "components">, isFolded = none): Layout {
  const components = new Map(model.components.map((component) => [component.name, component]));
  const bands = intoBands(model.services, isFolded);
  const columns = columnsFor(bands.length);
  const layout: Layout = { nodes: [], links: [], x: 0, y: 0, width: 0, height: 0 };
  let y = 0;
  for (let first = 0; first < bands.length; first += columns) {
    const line = bands.slice(first, first + columns);
    const heights = line.map((services, i) => {
      const x = i * (bandWidth + bandGap.x);
      layout.width = Math.max(layout.width, x + bandWidth);
      return placeBand({ layout, number: first + i, at: { x, y }, components, isFolded }, services);
    });
    layout.height = y + Math.max(...heights);
    y = layout.height + bandGap.y;
  }
  return layout;
}

/** Services in bands of about the same height. */
function intoBands(services: Service[], isFolded: IsFolded): Service[][] {
  const heights = services.map((service) => serviceHeight(service, isFolded) + serviceGap);
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

function serviceHeight(service: Service, isFolded: IsFolded): number {
  if (isFolded(service.name)) return serviceSize.height;
  const groups = service.groups.reduce((sum, group) => sum + groupHeight(group) + groupGap, -groupGap);
  return Math.max(serviceSize.height, groups);
}

function groupHeight(group: Group): number {
  return groupHead + group.operations.length * operationHeight;
}

interface Band {
  layout: Layout;
  number: number;
  at: { x: number; y: number };
  components: Map<string, Component>;
  isFolded: IsFolded;
}

/** The groups of a band that are linked to a component, and the heights at which they are. */
type Users = Map<string, { groups: Group[]; centres: number[] }>;

/** Places services, their groups and the components of these; gives the band's height. */
function placeBand(band: Band, services: Service[]): number {
  const users: Users = new Map();
  let top = 0;
  for (const service of services) {
    placeService(band, service, top, users);
    top += serviceHeight(service, band.isFolded) + serviceGap;
  }
  const height = top - serviceGap;
  const wanted = [...users].map(([name, { centres }]) => ({ name, y: centres.reduce((sum, one) => sum + one, 0) / centres.length }));
  const { layout, at, components } = band;
  for (const { name, y } of spread(wanted, height)) {
    const component = components.get(name);
    if (!component) continue;
    const id = componentId(band, name);
    const box = { x: at.x + componentX, y: at.y + y, ...componentSize };
    layout.nodes.push({ kind: "component", id, block: id, component, groups: users.get(name)!.groups, ...box });
  }
  return Math.max(height, wanted.length * (componentSize.height + componentGap) - componentGap);
}

function componentId({ number }: Band, name: string): string {
  return `component/${name}/${number}`;
}

function placeService(band: Band, service: Service, top: number, users: Users): void {
  const { layout, at, isFolded } = band;
  const folded = isFolded(service.name);
  const height = serviceHeight(service, isFolded);
  const id = `service/${service.name}`;
  const y = at.y + top + (height - serviceSize.height) / 2;
  layout.nodes.push({ kind: "service", id, block: id, service, folded, x: at.x, y, ...serviceSize });
  const use = (group: Group, centre: number) => {
    const user = users.get(group.component) ?? { groups: [], centres: [] };
    user.groups.push(group);
    user.centres.push(centre);
    users.set(group.component, user);
  };
  if (folded) {
    const middle = `summary/${service.name}`;
    layout.nodes.push({ kind: "summary", id: middle, block: id, service, x: at.x + groupX, y, width: groupWidth, height: serviceSize.height });
    layout.links.push(...summaryLinks(service, id, middle));
    for (const group of service.groups) {
      layout.links.push(link("component", group.direction, [group], middle, componentId(band, group.component), `${middle}/${group.id}`));
      use(group, top + height / 2);
    }
    return;
  }
  let groupY = top;
  for (const group of service.groups) {
    const box = { x: at.x + groupX, y: at.y + groupY, width: groupWidth, height: groupHeight(group) };
    const middle = `group/${group.id}`;
    layout.nodes.push({ kind: "group", id: middle, block: id, group, ...box });
    layout.links.push(link("service", group.direction, [group], middle, id, middle));
    layout.links.push(link("component", group.direction, [group], middle, componentId(band, group.component), middle));
    use(group, groupY + box.height / 2);
    groupY += box.height + groupGap;
  }
}

// Two links side by side need room for an arrow head each.
const abreast = 9;

/** The links between a folded service and its sum: one for each direction that it has. */
function summaryLinks(service: Service, id: string, middle: string): Link[] {
  const sides = (["consumer", "producer"] as const)
    .map((direction) => ({ direction, groups: service.groups.filter((group) => group.direction === direction) }))
    .filter(({ groups }) => groups.length > 0);
  return sides.map(({ direction, groups }, i) => {
    const shift = sides.length === 1 ? 0 : i === 0 ? -abreast : abreast;
    return { ...link("service", direction, groups, middle, id, `${middle}/${direction}`), shift };
  });
}

/** Data runs from a service by its producers to components, and from components by its consumers to a service. */
function link(side: Link["side"], direction: Direction, groups: Group[], middle: string, end: string, name: string): Link {
  const outwards = (direction === "producer") === (side === "component");
  const [from, to] = outwards ? [middle, end] : [end, middle];
  return { id: `${name}>${side}`, from, to, direction, groups, side, shift: 0 };
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

/** Where the band begins that a horizontal position lies in. */
export function bandStart(x: number): number {
  const step = bandWidth + bandGap.x;
  return Math.floor(x / step) * step;
}
