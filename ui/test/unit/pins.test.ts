import { describe, expect, it } from "vitest";

import { folding, isFolded, readFolding, writeFolding } from "../../src/pages/map/folding";
import { type Box, layOut } from "../../src/pages/map/layout";
import { blocksOf, pinned, type Pins } from "../../src/pages/map/pins";
import { Places } from "../../src/pages/map/places";
import { modelOf } from "./fixture";

function clashes(boxes: Map<string, Box>): string[] {
  const all = [...boxes].sort(([, a], [, b]) => a.y - b.y);
  return all.flatMap(([id, a], i) =>
    all
      .slice(i + 1)
      .filter(([, b]) => a.x < b.x + b.width && b.x < a.x + a.width && b.y < a.y + a.height)
      .map(([other]) => `${id} and ${other}`),
  );
}

describe("pinned", () => {
  it("changes nothing without pins", async () => {
    const layout = layOut(await modelOf(4));
    expect(pinned(layout, new Map())).toBe(layout);
    expect(pinned(layout, new Map([["service/gone", { x: 0, y: 0 }]]))).toBe(layout);
  });

  it("puts a service with all of its groups where it was put", async () => {
    const layout = layOut(await modelOf(4));
    const before = blocksOf(layout).get("service/billing")!;
    const after = pinned(layout, new Map([["service/billing", { x: 2_000, y: -300 }]]));
    expect(blocksOf(after).get("service/billing")).toEqual({ ...before, x: 2_000, y: -300 });
    expect(after.y).toBe(-300);
    expect(after.x + after.width).toBe(2_000 + before.width);
  });

  it("leaves everything else where it was when there is room", async () => {
    const layout = layOut(await modelOf(4));
    const after = pinned(layout, new Map([["service/billing", { x: 5_000, y: 0 }]]));
    const others = ({ nodes }: typeof layout) => nodes.filter(({ block }) => block !== "service/billing").map(({ id, x, y }) => [id, x, y]);
    expect(others(after)).toEqual(others(layout));
  });

  it.each([4, 300])("makes room for pins in a map of %i services", async (services) => {
    const layout = layOut(await modelOf(services));
    const ids = [...blocksOf(layout).keys()];
    const pins: Pins = new Map([
      [ids[0]!, { x: 100, y: 400 }],
      [ids[3]!, { x: 0, y: 300 }],
      [ids.at(-1)!, { x: 250, y: 150 }],
    ]);
    const after = pinned(layout, pins);
    expect(clashes(blocksOf(after))).toEqual([]);
    expect(blocksOf(after).get(ids.at(-1)!)).toMatchObject(pins.get(ids.at(-1)!)!);
  });

  it("keeps a pin when operations come, and takes their data from the server's picture", async () => {
    const pins: Pins = new Map([["service/billing", { x: 40, y: 80 }]]);
    const before = pinned(layOut(await modelOf(2)), pins);
    const more = await modelOf(2, (server) => server.names.push({ service: "billing", direction: "producer", operation: "new-one", component: "stripe" }));
    const after = pinned(layOut(more), pins);
    expect(blocksOf(after).get("service/billing")).toMatchObject({ x: 40, y: 80 });
    const operations = ({ nodes }: typeof before) => nodes.flatMap((node) => (node.kind === "group" && node.group.service === "billing" ? node.group.operations : []));
    expect(operations(after).length).toBe(operations(before).length + 1);
  });
});

describe("folded services", () => {
  it("have one sum, a link for each direction, and links to each component", async () => {
    const { nodes, links } = layOut(await modelOf(1), () => true);
    expect(nodes.map(({ kind }) => kind).sort()).toEqual(["component", "component", "component", "service", "summary"]);
    expect(links.filter(({ side }) => side === "service").map(({ direction, shift }) => [direction, Math.sign(shift)])).toEqual([
      ["consumer", -1],
      ["producer", 1],
    ]);
    expect(links.filter(({ side }) => side === "component")).toHaveLength(3);
    const ids = new Set(nodes.map(({ id }) => id));
    expect(links.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
    expect(new Set(links.map(({ id }) => id)).size).toBe(links.length);
  });

  it("take less room, without overlap", async () => {
    const model = await modelOf(30);
    const folded = layOut(model, () => true);
    expect(folded.width * folded.height).toBeLessThan(0.6 * layOut(model).width * layOut(model).height);
    expect(clashes(blocksOf(folded))).toEqual([]);
  });
});

describe("folding in the address", () => {
  it("reads what it wrote", () => {
    let now = readFolding(new URLSearchParams("q=x"));
    now = folding(now, "Billing", true);
    now = folding(now, "a,b&c", true);
    const params = new URLSearchParams("q=x");
    writeFolding(params, now);
    expect(readFolding(new URLSearchParams(params.toString()))).toEqual(now);
    expect(isFolded(now, "BILLING")).toBe(true);
    expect(isFolded(now, "other")).toBe(false);
    now = folding(folding(now, "billing", false), "a,b&c", false);
    writeFolding(params, now);
    expect(params.toString()).toBe("q=x");
  });

  it("counts exceptions from all", () => {
    const now = folding({ all: true, but: new Set() }, "billing", false);
    expect([isFolded(now, "billing"), isFolded(now, "orders")]).toEqual([false, true]);
  });
});

describe("places", () => {
  const memory = (kept?: string) => {
    const map = new Map(kept === undefined ? [] : [["streamdal-map", kept]]);
    return {
      map,
      getItem: (key: string) => map.get(key) ?? null,
      setItem: (key: string, value: string) => void map.set(key, value),
      removeItem: (key: string) => void map.delete(key),
    };
  };

  it("come back, and keep nothing when there is nothing to keep", () => {
    const storage = memory();
    const places = new Places(storage);
    places.pin("service/billing", { x: 12.4, y: 8 });
    places.look({ x: 1, y: 2, zoom: 0.5 });
    places.lock(true);
    const again = new Places(storage);
    expect([...again.pins.snapshot()]).toEqual([["service/billing", { x: 12, y: 8 }]]);
    expect(again.view).toEqual({ x: 1, y: 2, zoom: 0.5 });
    expect(again.locked.snapshot()).toBe(true);
    again.replace(new Map());
    again.look(undefined);
    again.lock(false);
    expect([...storage.map]).toEqual([]);
  });

  it.each(["{", "null", "7", '{"pins":7,"view":{"x":1}}', '{"pins":{"a":{"x":"1","y":2},"b":null}}'])("begin anew from %s", (kept) => {
    const places = new Places(memory(kept));
    expect(places.pins.snapshot().size).toBe(0);
    expect(places.view).toBeUndefined();
  });

  it("stay in the tab when the browser keeps nothing", () => {
    const places = new Places({
      ...memory(),
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    });
    places.pin("service/billing", { x: 1, y: 2 });
    expect(places.pins.snapshot().size).toBe(1);
  });
});
