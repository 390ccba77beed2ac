import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { GetAllResponseSchema } from "../../src/gen/protos/external_pb";
import { LiveInfoSchema } from "../../src/gen/protos/info_pb";
import { audienceOf, keyOf, type Names, parseKey } from "../../src/live/audience";
import { buildModel } from "../../src/live/model";
import { isActive, matching, onlyMatching } from "../../src/pages/map/filter";
import { columns, pressed, readSorting, rowsOf, sorted, writeSorting } from "../../src/pages/map/rows";
import { answerOf, modelOf } from "./fixture";

const names: Names = { service: "Billing", direction: "consumer", operation: "New-Order", component: "Kafka" };
const key = "billing:operation_type_consumer:new-order:kafka";

describe("keys", () => {
  it("are lower-cased and read back", () => {
    expect(keyOf(names)).toBe(key);
    expect(parseKey(key)).toEqual({ service: "billing", direction: "consumer", operation: "new-order", component: "kafka" });
  });

  it.each(["", "a:b", "a:operation_type_consumer:b", "a:operation_type_unset:b:c", "a:operation_type_consumer:b:c:d"])(
    "%j is not one",
    (text) => expect(parseKey(text)).toBeUndefined(),
  );
});

describe("buildModel", () => {
  it("joins what sessions, audiences and assignments say about one operation", () => {
    const model = buildModel(
      create(GetAllResponseSchema, {
        audiences: [audienceOf({ ...names, service: "billing", operation: "new-order", component: "kafka" })],
        live: [
          create(LiveInfoSchema, {
            audiences: [audienceOf(names)],
            client: { language: "go", SessionId: "s1", ServiceName: "Billing" },
          }),
        ],
        configs: { [key]: { configs: [{ id: "p1", paused: true }] } },
      }),
    );
    expect([...model.operations.keys()]).toEqual([key]);
    const operation = model.operations.get(key)!;
    expect(operation.operation).toBe("New-Order");
    expect(operation.sessions.map(({ id }) => id)).toEqual(["s1"]);
    expect(operation.pipelines).toEqual([{ id: "p1", paused: true }]);
    expect(model.services.map(({ name, languages }) => ({ name, languages }))).toEqual([{ name: "Billing", languages: ["go"] }]);
  });

  it("orders operations by name, whatever the order they are heard in", () => {
    const audiences = [
      { ...names, service: "b" },
      { ...names, service: "z", operation: "charge-10" },
      { ...names, service: "a" },
      { ...names, service: "y", operation: "charge-9" },
    ].map(audienceOf);
    const model = buildModel(create(GetAllResponseSchema, { audiences }));
    expect([...model.operations.values()].map(({ service, operation }) => `${operation} of ${service}`)).toEqual([
      "charge-9 of y",
      "charge-10 of z",
      "New-Order of a",
      "New-Order of b",
    ]);
  });

  it("shows services whose sessions have announced nothing yet", () => {
    const model = buildModel(
      create(GetAllResponseSchema, { live: [create(LiveInfoSchema, { client: { SessionId: "s1", ServiceName: "new" } })] }),
    );
    expect(model.services.map(({ name, sessions }) => [name, sessions.length])).toEqual([["new", 1]]);
  });

  it("lists under each pipeline the operations that have it", async () => {
    const model = await modelOf(2);
    expect(model.pipelines.get("pipeline-0")!.operations).toHaveLength(3);
    expect(model.pipelines.get("pipeline-1")!.operations).toEqual([]);
  });

  it("prefers a proposed assignment to the server's", async () => {
    const server = await modelOf(1);
    expect(server.operations.get(key)!.pipelines).toEqual([{ id: "pipeline-0", paused: false }]);
    const proposed = [{ id: "pipeline-1", paused: false }];
    const model = buildModel(await answerOf(1), new Map([[key, proposed]]));
    expect(model.operations.get(key)!.pipelines).toEqual(proposed);
  });
});

const any = { query: "", service: "", component: "", language: "", live: false };

describe("filter", () => {
  it("needs every word, in any of the names", async () => {
    const model = await modelOf(4);
    expect(matching(model, { ...any, query: "billing stripe" }).size).toBe(1);
    expect(matching(model, { ...any, query: "MASK" }).size).toBe(3);
    expect(matching(model, { ...any, query: "nothing-like-it" }).size).toBe(0);
  });

  it("can ask for live operations", async () => {
    const model = await modelOf(4);
    const keys = [...matching(model, { ...any, live: true })];
    expect(keys).toHaveLength(12);
    expect(keys.filter((one) => one.startsWith("billing"))).toEqual([]);
  });

  it("can ask for a service, a component and a language", async () => {
    const model = await modelOf(4);
    const found = (filter: Partial<typeof any>) => [...matching(model, { ...any, ...filter })].map((key) => key.split(":")[0]);
    expect(new Set(found({ service: "ORDERS" }))).toEqual(new Set(["orders"]));
    expect(found({ component: "Stripe" }).sort()).toEqual(["billing", "support-mail"]);
    expect(new Set(found({ language: "node" }))).toEqual(new Set(["orders"]));
    expect(found({ language: "Go" })).toEqual([]);
    expect(found({ service: "orders", component: "stripe" })).toEqual([]);
    expect(isActive(any)).toBe(false);
    expect(isActive({ ...any, language: "Go" })).toBe(true);
  });

  it("leaves out services, groups and components without a match", async () => {
    const model = await modelOf(4);
    const shown = onlyMatching(model, matching(model, { ...any, query: "billing stripe" }));
    expect(shown.services.map(({ name }) => name)).toEqual(["billing"]);
    expect(shown.components.map(({ name }) => name)).toEqual(["stripe"]);
  });
});

describe("the table", () => {
  const rateOf = (key: string) => ({ messages: key.startsWith("orders") ? 5 : 0, bytes: key.includes("kafka") ? 100 : 0, errors: 0 });

  it("has every operation once, with the names of its pipelines", async () => {
    const model = await modelOf(4);
    const rows = rowsOf(model, model.services);
    expect(rows.map(({ operation }) => operation.key).sort()).toEqual([...model.operations.keys()].sort());
    expect(rows.find(({ operation }) => operation.key === key)!.pipelines.map(({ name }) => name)).toEqual(["mask e-mail addresses"]);
  });

  it("sorts by each column both ways, and by names where that leaves it open", async () => {
    const model = await modelOf(12);
    const rows = rowsOf(model, model.services);
    for (const { id } of columns) {
      const up = sorted(rows, { column: id, descending: false }, rateOf);
      expect(up).toHaveLength(rows.length);
      expect(new Set(up)).toEqual(new Set(rows));
    }
    const first = (text: string) => sorted(rows, readSorting(text), rateOf)[0]!.operation;
    expect(first("-messages").service).toBe("orders");
    expect(first("-bytes").component).toBe("kafka");
    expect(first("-service").service).toBe("support-mail");
    expect(sorted(rows, readSorting("service"), rateOf).map(({ operation }) => operation.service).filter((name) => name.startsWith("service-")).at(-1)).toBe("service-11");
  });

  it("keeps its order in the address, the usual one unsaid", () => {
    expect(readSorting("nonsense")).toEqual({ column: "service", descending: false });
    expect(writeSorting(readSorting(""))).toBe("");
    for (const { id, numeric } of columns) {
      const once = pressed(readSorting(id === "service" ? "bytes" : ""), id);
      expect(once).toEqual({ column: id, descending: numeric });
      expect(readSorting(writeSorting(once))).toEqual(once);
      expect(pressed(once, id).descending).toBe(!numeric);
    }
  });
});
