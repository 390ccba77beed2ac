import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";

import { type Charts, ChartsSchema, Delivery, PipelineChartSchema, SessionSchema } from "../../src/gen/streamdal/console/v1/console_pb";
import type { SchemaValidationStep } from "../../src/gen/protos/steps/schema_validation_pb";
import { SchemaVersionSchema } from "../../src/gen/streamdal/console/v1/schema_pb";
import { beginning, chartsOf, isQuiet, lastMinute, perMinute, perSecond, timesOf } from "../../src/pages/map/operation/charts";
import { keysOf } from "../../src/pages/map/operation/Ordered";
import { rowsOf } from "../../src/pages/map/operation/SessionsTab";
import { enforcing } from "../../src/parts/SchemaActions";
import { describeStep } from "../../src/parts/steps";
import { countDeliveries, deliverySentence, worstState } from "../../src/parts/delivery";

const key = "billing:operation_type_producer:charge-card:stripe";

function session(id: string, delivery: Delivery, audience = key) {
  return create(SessionSchema, { id, audiences: [{ audience, delivery, sentUnixMs: 5n }] });
}

describe("what sessions have", () => {
  const { CURRENT, PENDING, WAITING, UNSPECIFIED } = Delivery;

  test.each([
    [[], "no session is live"],
    [[CURRENT], "1 of 1 session has it"],
    [[CURRENT, CURRENT], "2 of 2 sessions have it"],
    [[CURRENT, PENDING], "1 of 2 sessions have it, 1 is being sent it"],
    [[PENDING, PENDING, WAITING, WAITING], "0 of 4 sessions have it, 2 are being sent it, 2 wait for their streams"],
    [[CURRENT, WAITING, UNSPECIFIED], "1 of 3 sessions have it, 1 waits for its stream, of 1 it is not known"],
  ])("%j is said as %s", (deliveries, said) => {
    const sessions = deliveries.map((delivery, i) => session(String(i), delivery));
    expect(deliverySentence(countDeliveries([...sessions, session("other", WAITING, "a:b")], key))).toBe(said);
  });

  test("the list that is furthest behind decides", () => {
    expect(worstState([CURRENT, PENDING, WAITING])).toBe("waiting");
    expect(worstState([CURRENT, UNSPECIFIED])).toBe("unknown");
    expect(worstState([])).toBe("current");
  });

  test("those that are behind come first", () => {
    const all = [session("a", CURRENT), session("b", UNSPECIFIED), session("c", WAITING), session("d", PENDING), session("e", CURRENT, "x")];
    expect(rowsOf(all, key).map((row) => row.session.id)).toEqual(["c", "d", "b", "a"]);
  });
});

test("a pipeline that is there twice has two names", () => {
  const list = ["p", "q", "p"].map((id) => ({ id, paused: false }));
  expect(keysOf(list)).toEqual(["p/0", "q/0", "p/1"]);
});

describe("charts", () => {
  const made = (points: number, change: Partial<Charts> = {}) =>
    create(ChartsSchema, {
      endUnixMs: 1_000_000n,
      stepSeconds: 10,
      bytes: Array<number>(points).fill(100),
      processed: Array<number>(points).fill(2),
      errors: Array<number>(points).fill(0),
      notifications: Array<number>(points).fill(0),
      pipelines: [],
      ...change,
    } as Charts);

  test("the last minute is the mean of its points", () => {
    expect(lastMinute([9, 1, 1, 1, 1, 1, 1], made(7))).toBe(60);
    expect(lastMinute([3], made(1))).toBe(180);
    expect(lastMinute([], made(0))).toBeUndefined();
  });

  test("minutes are whole and end with the newest point", () => {
    expect(perMinute([7, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2], made(13))).toEqual([1, 2]);
  });

  test("points lie at the ends of their steps", () => {
    expect(timesOf(made(3))).toEqual([980, 990, 1_000]);
  });

  test("they begin with the node unless an hour is known", () => {
    expect(beginning(made(6))).toBe(940_000);
    expect(beginning(made(358))).toBeUndefined();
  });

  test("pipelines are told apart only where there are several", () => {
    const pipelines = ["p", "q"].map((pipelineId) => create(PipelineChartSchema, { pipelineId, processed: [1], errors: [0] }));
    const titles = (charts: Charts) => chartsOf(charts, (id) => id.toUpperCase()).map(({ title, lines }) => `${title}: ${lines.map(({ name }) => name)}`);
    expect(titles(made(1))).toEqual(["Messages: Messages", "Data: Data", "Errors of steps: Errors of steps"]);
    expect(titles(made(1, { pipelines }))).toEqual([
      "Messages: Messages",
      "Data: Data",
      "Runs of pipelines: P,Q",
      "Errors of steps: P,Q",
    ]);
    expect(titles(made(1, { pipelines, notifications: [0] }))).not.toContain("Notifications: P,Q");
    expect(titles(made(1, { pipelines, notifications: [0.1] }))).toContain("Notifications: P,Q");
    expect(titles(made(1, { notifications: [0.1] }))).toContain("Notifications: Notifications");
  });

  test("nothing passed is told from something", () => {
    expect(isQuiet(made(3, { processed: [0, 0, 0] }))).toBe(true);
    expect(isQuiet(made(3))).toBe(false);
    expect(isQuiet(made(1, { processed: [0], notifications: [1] }))).toBe(false);
  });

  test.each([
    [0, "bytes", "0 B/s"],
    [1_500, "bytes", "1.5 kB/s"],
    [0.25, "errors", "0.3 errors/s"],
    [12, "msg", "12 msg/s"],
  ] as const)("%d %s are written %s", (n, unit, written) => expect(perSecond(n, unit)).toBe(written));
});

test("a schema becomes a pipeline that checks it", () => {
  const jsonSchema = new TextEncoder().encode('{"type":"object"}');
  const { name, steps } = enforcing("charge-card", create(SchemaVersionSchema, { version: 3, jsonSchema }));
  expect([name, steps.length, steps[0]!.step.case]).toEqual(["Check the shape of charge-card", 1, "schemaValidation"]);
  expect(describeStep(steps[0]!)).toBe("Check the payload against a JSON schema");
  const { options } = steps[0]!.step.value as SchemaValidationStep;
  expect(new TextDecoder().decode(options.value!.jsonSchema)).toBe('{\n  "type": "object"\n}');
});
