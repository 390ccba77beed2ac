import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { TailResponseSchema, TailResponseType } from "../../src/gen/protos/common_pb";
import { PipelineSchema } from "../../src/gen/protos/pipeline_pb";
import { TryPipelineResponseSchema } from "../../src/gen/streamdal/console/v1/console_pb";
import type { ExternalClient } from "../../src/live/client";
import { nextMessage } from "../../src/pages/pipelines/trial/message";
import { sampleOf } from "../../src/pages/pipelines/trial/sample";
import { resultsOf, took } from "../../src/pages/pipelines/trial/trial";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a made-up message", () => {
  const sample = (schema: object) => JSON.parse(sampleOf(JSON.stringify(schema)) ?? "null") as unknown;

  it("has a plausible value for each field", () => {
    const properties = {
      order_id: { type: "string" },
      customerEmail: { type: ["null", "string"] },
      cardNumber: { type: "string" },
      amount: { type: "number" },
      qty: { type: "integer" },
      paid: { type: "boolean" },
      gone: { type: "null" },
      created: { type: "string", format: "date-time" },
      plan: { enum: ["gold", "free"] },
      tags: { type: "array", items: { type: "string" } },
      lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" }, name: { type: "string" } } } },
      who: { anyOf: [{ type: "null" }, { type: "object", properties: { first_name: { type: "string" } } }] },
    };
    expect(sample({ type: "object", properties })).toEqual({
      order_id: "A-1042", customerEmail: "mina.patel@example.com", cardNumber: "4111 1111 1111 1111", amount: 42.5, qty: 2, paid: true,
      gone: null, created: "2026-03-14T09:26:53Z", plan: "gold", tags: ["sample"], lines: [{ sku: "A-1042", name: "Desk lamp" }], who: { first_name: "Mina" },
    });
  });

  it.each(["", "{", "3", "null", "[]", '{"type":"string"}'])("of %j there is none", (text) => expect(sampleOf(text)).toBeUndefined());

  it("ends where no person can follow", () => {
    let deep: object = { type: "string" };
    for (let i = 0; i < 500; i++) deep = { type: "object", properties: { a: deep } };
    expect(JSON.stringify(sample(deep)).length).toBeLessThan(500);
  });

  it("takes any names of fields", () => {
    expect(sample(JSON.parse('{"type":"object","properties":{"__proto__":{"type":"integer"},"constructor":{"type":"string"}}}') as object)).toHaveProperty("constructor");
  });
});

describe("what came of a trial", () => {
  const pipeline = (...steps: JsonValue[]) => fromJson(PipelineSchema, { name: "p", steps });
  const find = { name: "find", detective: { type: "DETECTIVE_TYPE_PII_EMAIL" }, onFalse: { abort: "ABORT_CONDITION_ABORT_ALL", metadata: { why: "none" } } };
  const mask = { name: "mask", dynamic: true, transform: { type: "TRANSFORM_TYPE_MASK_VALUE", maskOptions: {} } };
  const results = (steps: object[], aborted = false, of = pipeline(find, mask)) =>
    resultsOf(of, "in", create(TryPipelineResponseSchema, { steps, aborted }));

  it("is told of each step, with what it changed", () => {
    const told = results([
      { verdict: "true", message: "completed", nanoseconds: 4_200n, matches: ["a"], payload: bytes("in") },
      { verdict: "true", nanoseconds: 900n, payload: bytes("out") },
    ]);
    expect(told).toMatchObject([
      { verdict: "matched", message: "completed", microseconds: 4.2, matches: ["a"], before: "in", after: "in", acts: [], ended: false },
      { verdict: "done", before: "in", after: "out" },
    ]);
  });

  it("is told of where it ended and what was not run", () => {
    const told = results([{ verdict: "false", payload: bytes("in") }], true);
    expect(told).toMatchObject([
      { verdict: "not matched", ended: true, acts: ["aborts all pipelines of the operation", "adds metadata why = none"] },
      { verdict: "not run", before: "in", after: "in", ended: false },
    ]);
  });

  it("keeps the payload when that of a step was too large to tell", () => {
    expect(results([{ verdict: "true" }, { verdict: "false", payload: bytes("in") }])).toMatchObject([{ after: "in" }, { before: "in", verdict: "nothing done" }]);
  });

  it("says which steps ask a host", () => {
    const kv = { name: "kv", kv: { key: "k" } };
    expect(results([{ verdict: "error", message: 'kv: "not available here"' }], false, pipeline(kv))).toMatchObject([{ unavailable: true }]);
    const request = { name: "request", httpRequest: { request: { url: "https://a.example" } } };
    expect(results([{ verdict: "false", message: "Request returned non-200 response code: 0" }], false, pipeline(request))).toMatchObject([{ unavailable: true }]);
    expect(results([{ verdict: "false", message: "path 'id' not found in data" }], false, pipeline(kv))).toMatchObject([{ unavailable: false }]);
    expect(results([{ verdict: "error", message: "not available here" }])).toMatchObject([{ verdict: "error", unavailable: false }, {}]);
  });

  it("has times that are easy to read", () => expect([0.4, 31.4, 999, 1_234].map(took)).toEqual(["< 1 µs", "31 µs", "999 µs", "1.2 ms"]));
});

describe("one live message", () => {
  const names = { service: "s", direction: "consumer", operation: "o", component: "c" } as const;
  const tail = (...answers: object[]) => {
    const seen = { ended: false, rate: 0 };
    const client = {
      async *tail(request: { sampleOptions: { sampleRate: number } }) {
        seen.rate = request.sampleOptions.sampleRate;
        try {
          for (const answer of answers) yield create(TailResponseSchema, answer);
        } finally {
          seen.ended = true;
        }
      },
    } as unknown as ExternalClient;
    return { client, seen };
  };
  const never = new AbortController().signal;

  it("is the first, as it was before its pipelines; then the tail ends", async () => {
    const { client, seen } = tail({ Keepalive: true }, { originalData: bytes("one"), newData: bytes("changed") }, { originalData: bytes("two") });
    expect(await nextMessage(client, names, never)).toBe("one");
    expect(seen).toEqual({ ended: true, rate: 1 });
  });

  it("fails in the words of who failed", async () => {
    const { client } = tail({ type: TailResponseType.ERROR, originalData: bytes("no such audience") });
    await expect(nextMessage(client, names, never)).rejects.toThrow("no such audience");
    await expect(nextMessage(tail().client, names, never)).rejects.toThrow("ended the tail");
  });
});
