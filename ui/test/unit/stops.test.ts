import { describe, expect, it } from "vitest";

import { layOut } from "../../src/pages/map/layout";
import { type Arrow, nextStop, stopsOf } from "../../src/pages/map/stops";
import { modelOf } from "./fixture";

describe("arrow keys", () => {
  const walk = async (services: number, from: string, arrows: Arrow[], folded = false) => {
    const stops = stopsOf(layOut(await modelOf(services), () => folded));
    return arrows.reduce((at, arrow) => nextStop(stops, at, arrow)?.id ?? at, from);
  };
  const order = "billing:operation_type_consumer:new-order:kafka";
  const refund = "billing:operation_type_consumer:refund-requested:kafka";

  it("follow the flow to the sides", async () => {
    expect(await walk(4, order, ["ArrowLeft"])).toBe("service/billing");
    expect(await walk(4, order, ["ArrowRight"])).toBe("component/kafka/0");
    expect(await walk(4, "component/stripe/0", ["ArrowLeft"])).toBe("billing:operation_type_producer:charge-card:stripe");
    expect(await walk(4, "service/signup", ["ArrowRight", "ArrowLeft"])).toBe("service/signup");
  });

  it("go up and down within a column, and stop at its ends", async () => {
    expect(await walk(4, order, ["ArrowDown"])).toBe(refund);
    expect(await walk(4, refund, ["ArrowUp", "ArrowUp", "ArrowUp"])).toBe(order);
    expect(await walk(4, "service/billing", ["ArrowDown"])).toBe("service/orders");
  });

  it("reach everything", async () => {
    const layout = layOut(await modelOf(40));
    const stops = stopsOf(layout);
    const seen = new Set<string>(["service/billing"]);
    for (const id of seen) {
      for (const arrow of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] as const) {
        const next = nextStop(stops, id, arrow);
        if (next) seen.add(next.id);
      }
    }
    expect([...stops.keys()].filter((id) => !seen.has(id))).toEqual([]);
  });

  it("go through sums of folded services", async () => {
    expect(await walk(4, "service/billing", ["ArrowRight"], true)).toBe("summary/billing");
    expect(await walk(4, "summary/billing", ["ArrowRight", "ArrowLeft"], true)).toMatch(/^summary\//);
  });

  it("know nothing of what is not there", async () => {
    expect(await walk(1, "service/gone", ["ArrowDown"])).toBe("service/gone");
  });
});
