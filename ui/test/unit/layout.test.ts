import { describe, expect, it } from "vitest";

import { centreOf, flowThrough } from "../../src/pages/map/flow";
import { bandWidth, layOut, type Placed } from "../../src/pages/map/layout";
import { firstView, reveal } from "../../src/pages/map/viewport";
import { modelOf } from "./fixture";

const screen = { width: 1366, height: 808 };

function overlaps(a: Placed, b: Placed): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe("layOut", () => {
  it.each([1, 4, 30, 300])("places %i services without overlap", async (services) => {
    const { nodes } = layOut(await modelOf(services));
    expect(nodes.filter(({ kind }) => kind === "service")).toHaveLength(services);
    const sorted = [...nodes].sort((a, b) => a.y - b.y);
    const clashes = sorted.flatMap((node, i) => {
      const near = sorted.slice(i + 1).filter((other) => other.y < node.y + node.height);
      return near.filter((other) => overlaps(node, other)).map((other) => `${node.id} and ${other.id}`);
    });
    expect(clashes).toEqual([]);
  });

  it("links nodes that exist, in the direction of the data", async () => {
    const { nodes, links } = layOut(await modelOf(30));
    const ids = new Set(nodes.map(({ id }) => id));
    expect(links.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
    const producer = links.find((link) => link.direction === "producer" && link.id.endsWith(">component"))!;
    expect(producer.to).toMatch(/^component\//);
    const consumer = links.find((link) => link.direction === "consumer" && link.id.endsWith(">component"))!;
    expect(consumer.from).toMatch(/^component\//);
  });

  it("keeps small fleets in one band and long ones near the shape of a screen", async () => {
    expect(layOut(await modelOf(2)).width).toBe(bandWidth);
    const { width, height } = layOut(await modelOf(120));
    expect(width / height).toBeGreaterThan(0.8);
    expect(width / height).toBeLessThan(3);
  });

  it("does not move anything when pipelines or sessions change", async () => {
    const before = layOut(await modelOf(5));
    const after = layOut(await modelOf(5, (server) => server.assignments.clear()));
    const boxes = ({ nodes }: typeof before) => nodes.map(({ id, x, y, width, height }) => ({ id, x, y, width, height }));
    expect(boxes(after)).toEqual(boxes(before));
  });

  it("places nothing for nothing", () => {
    expect(layOut({ services: [], components: [] })).toEqual({ nodes: [], links: [], x: 0, y: 0, width: 0, height: 0 });
  });
});

describe("flowThrough", () => {
  it("goes from an operation's service to its component only", async () => {
    const layout = layOut(await modelOf(1));
    const key = "billing:operation_type_producer:charge-card:stripe";
    const nodes = [...flowThrough(layout, { kind: "op", id: key })].filter((id) => !id.includes(">"));
    expect(nodes.map((id) => id.split("/").slice(0, 2).join("/")).sort()).toEqual([
      "component/stripe",
      "group/billing",
      "service/billing",
    ]);
  });

  it("includes every copy of a component", async () => {
    const layout = layOut(await modelOf(30));
    const flow = flowThrough(layout, { kind: "component", id: "KAFKA" });
    const copies = layout.nodes.filter((node) => node.kind === "component" && node.component.name === "kafka");
    expect(copies.length).toBeGreaterThan(1);
    expect(copies.filter(({ id }) => !flow.has(id))).toEqual([]);
  });
});

describe("firstView", () => {
  it("shows everything of a small fleet, in the middle", async () => {
    const layout = layOut(await modelOf(2));
    const { x, y, zoom } = firstView(layout, screen);
    expect(x).toBeCloseTo(screen.width - (x + layout.width * zoom), 3);
    expect(y).toBeCloseTo(screen.height - (y + layout.height * zoom), 3);
    expect(y).toBeGreaterThanOrEqual(0);
  });

  it("stays readable and starts at the top of a large one", async () => {
    const { y, zoom } = firstView(layOut(await modelOf(300)), screen);
    expect(zoom).toBeGreaterThanOrEqual(0.7);
    expect(y).toBe(32);
  });
});

describe("reveal", () => {
  it("leaves the view alone when the point and its band are in it", () => {
    const now = { x: 40, y: 40, zoom: 0.9 };
    expect(reveal(now, screen, { x: 300, y: 300 }, 0)).toEqual(now);
  });

  it("centres a point that is out of view", async () => {
    const layout = layOut(await modelOf(120));
    const key = "service-90:operation_type_producer:charge-card:stripe";
    const point = centreOf(layout, { kind: "op", id: key })!;
    const { y, zoom } = reveal({ x: 32, y: 32, zoom: 0.9 }, screen, point, 0);
    expect(point.y * zoom + y).toBeCloseTo(screen.height / 2, 3);
  });
});
