import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { type Pipeline, PipelineSchema } from "../../src/gen/protos/pipeline_pb";
import type { PipelineUse } from "../../src/live/model";
import { type Entry, entriesOf, fileName, fileOf, fileOfAll, itemsOf, notificationsOf, othersIn, proposalFor, requestFor } from "../../src/pages/pipelines/exchange/exchange";
import { templates } from "../../src/pages/pipelines/templates/templates";

const step = { name: "find", detective: { type: "DETECTIVE_TYPE_PII_EMAIL" } };
const json = "PIPELINE_DATA_FORMAT_JSON";
const of = (fields: object) => fromJson(PipelineSchema, JSON.parse(JSON.stringify({ id: "1", name: "p", dataFormat: json, steps: [step], ...fields })) as JsonValue);
const use = (pipeline: Pipeline): PipelineUse => ({ pipeline, operations: [] });
const names = (entries: Entry[]) => entries.map((entry) => entry.pipeline?.name ?? entry.problem);

describe("files of pipelines", () => {
  const custom = of({ steps: [{ name: "own", WasmId: "w", WasmFunction: "f", custom: {} }, { ...step, WasmId: "made-by-server" }], UpdatedAtUnixTsUtc: "7" });

  it("have what people wrote and the id, and nothing that the server fills in", () => {
    expect(JSON.parse(fileOf(custom))).toEqual({
      id: "1", name: "p", dataFormat: json, steps: [{ name: "own", WasmId: "w", custom: {} }, step],
    });
  });

  it("are read back as they were", () => {
    const all = templates.map(({ pipeline, id }) => create(PipelineSchema, { ...pipeline, id }));
    const read = [...entriesOf(fileOfAll(all)), ...entriesOf(fileOf(all[0]!))].map(({ pipeline }) => toJson(PipelineSchema, pipeline!));
    expect(read).toEqual([...all, all[0]!].map((pipeline) => toJson(PipelineSchema, pipeline)));
  });

  it("are read in every form that people have", () => {
    const snake = { name: "snake", data_format: "PIPELINE_DATA_FORMAT_JSON", steps: [{ name: "s", on_false: { abort: 1 }, valid_json: {} }] };
    expect(names(entriesOf(JSON.stringify(snake)))).toEqual(["snake"]);
    expect(names(entriesOf(JSON.stringify([snake, { name: "other" }])))).toEqual(["snake", "other"]);
    expect(names(entriesOf(JSON.stringify({ audiences: [], pipelines: [snake], audienceMappings: {} })))).toEqual(["snake"]);
  });

  it("may have other things, which are left alone", () => {
    const config = { pipelines: [{ name: "p" }], audiences: [{}, {}], audience_mappings: { a: {} }, notifications: [{}], wasmModules: [] };
    expect(othersIn(JSON.stringify(config))).toEqual(["2 operations", "1 assignment", "1 notification"]);
    expect(othersIn("[]")).toEqual([]);
  });

  it("may have entries that are wrong; the others are read", () => {
    const entries = entriesOf(JSON.stringify([{ name: "a", colour: 1 }, { name: "b", steps: "x" }, 3, { steps: [] }, { name: "c" }]));
    expect(names(entries)).toEqual([
      "“colour” is not a field of Pipeline.", expect.stringContaining("Wrong value for"), expect.any(String), expect.stringContaining("name"), "c",
    ]);
    expect(entries.map((entry) => (entry.pipeline ? "" : entry.name))).toEqual(["a", "b", "number 3", "number 4", ""]);
  });

  it.each([
    ["{", /line 1|too early/], ["[]", /no pipelines/], ["3", /neither/], ["null", /neither/], ["{}", /neither/], ["", /too early|Not valid/],
  ])("%j is none", (text, reason) => expect(() => entriesOf(text)).toThrow(reason));

  it("have names that all systems take", () => {
    expect(["Mask e-mail!", "../../etc", "é", "a".repeat(3)].map(fileName)).toEqual(["mask-e-mail.json", "etc.json", "pipeline.json", "aaa.json"]);
  });
});

describe("an import", () => {
  const known = [use(of({ id: "1", name: "one" })), use(of({ id: "2", name: "two" }))];
  const items = (...pipelines: Pipeline[]) => itemsOf(pipelines.map((pipeline) => ({ pipeline })), known);

  it("replaces what has the same id, or else the same name, unless it is the same", () => {
    const all = items(of({ id: "1", name: "one" }), of({ id: "", name: "two", Description: "new" }), of({ id: "9", name: "nine" }));
    expect(all.map((item) => [item.known?.pipeline.id, item.same, proposalFor(item)])).toEqual([["1", true, "skip"], ["2", false, "replace"], [undefined, false, "create"]]);
  });

  it("keeps the id of a new one, and finds by id before name", () => {
    const [renamed, fresh] = items(of({ id: "1", name: "two" }), of({ id: "9", name: "nine" }));
    expect(renamed!.known!.pipeline.name).toBe("one");
    expect(requestFor(fresh!, "create")).toMatchObject({ pipeline: { id: "9" } });
    expect(requestFor(fresh!, "create").seen).toBeUndefined();
  });

  it("says what it replaces, so that it does not undo what others do meanwhile", () => {
    const [item] = items(of({ id: "", name: "two", Description: "new" }));
    expect(requestFor(item!, "replace")).toMatchObject({ pipeline: { id: "2", Description: "new" }, seen: { id: "2", name: "two" } });
    expect(requestFor(item!, "create")).toMatchObject({ pipeline: { id: "" } });
  });

  it("takes one pipeline once", () => {
    const [first, second] = items(of({ id: "1", name: "a" }), of({ id: "", name: "one" }));
    expect(first!.problem).toBeUndefined();
    expect(second).toMatchObject({ problem: expect.stringContaining("twice") as string });
    expect(proposalFor(second!)).toBe("skip");
  });

  it("knows which notifications are sent", () => {
    const notify = (id: string) => ({ notification: { notificationConfigIds: [id] } });
    expect([...notificationsOf(of({ steps: [{ ...step, onTrue: notify("n1"), onError: notify("n2") }] }))]).toEqual(["n1", "n2"]);
  });
});
