import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { TryPipelineResponseSchema } from "../../src/gen/streamdal/console/v1/console_pb";
import type { Operation } from "../../src/live/model";
import { regexAnswer, regexPipeline, samplePayload } from "../../src/pages/pipelines/step/regex";
import { fieldsOf } from "../../src/parts/fields";
import { fitting, pathsOf } from "../../src/parts/paths";

const operation = (name: string): Operation => ({
  key: name, service: "shop", direction: "consumer", operation: name, component: "kafka", sessions: [], pipelines: [],
});
const schema = (properties: object, required: string[] = []) => JSON.stringify({ type: "object", properties, required });
const text = { type: "string" };

describe("paths of schemas", () => {
  it("are written as steps take them", () => {
    const lines = { type: "array", items: { type: "object", properties: { sku: text } } };
    const odd = { "a.b": text, "c*?": text, "#": text, "d|\\": text, "@x": text };
    const paths = fieldsOf(schema({ lines, tags: { type: "array", items: text }, nested: { type: "array", items: lines }, ...odd }));
    expect(paths.map(({ rule }) => rule)).toEqual([
      "", "\\#", "\\@x", "a\\.b", "c\\*\\?", "d\\|\\\\", "lines", "lines.#.sku", "nested", "nested.#.#.sku", "tags",
    ]);
    expect(fieldsOf(JSON.stringify({ type: "array", items: { properties: { id: text } } }))[1]!.rule).toBe("#.id");
  });

  it("that several operations have are told once, with all types and places", () => {
    const paths = pathsOf([
      { operation: operation("a"), text: schema({ id: text, name: text }, ["id", "name"]) },
      { operation: operation("b"), text: schema({ id: { type: "integer" } }) },
      { operation: operation("c"), text: schema({ id: text }, ["id"]) },
    ]);
    expect(paths).toEqual([
      { path: "id", type: "string or integer", optional: true, seen: ["a", "b", "c"] },
      { path: "name", type: "string", optional: false, seen: ["a"] },
    ]);
    expect(fitting(paths, "INT").map(({ path }) => path)).toEqual(["id"]);
    expect(fitting(paths, "na").map(({ path }) => path)).toEqual(["name"]);
    expect(fitting(paths, "")).toHaveLength(2);
  });
});

describe("a tested pattern", () => {
  const payload = samplePayload(["ann", "", "bob"]);
  const answer = (init: object) => regexAnswer(create(TryPipelineResponseSchema, init), payload);
  it("is run on every sample at once", () => {
    expect(payload).toBe('{"0":"ann","1":"","2":"bob"}');
    expect(regexPipeline("^a", true).steps[0]!.step).toMatchObject({ case: "detective", value: { args: ["^a"], negate: true, type: 1009 } });
  });
  it("matches what the server says", () => {
    const { matches, problem } = answer({ steps: [{ verdict: "true", matches: ["0", "1"] }] });
    expect([...matches]).toEqual([["ann", true], ["", true], ["bob", false]]);
    expect(problem).toBeUndefined();
    expect([...answer({ steps: [{ verdict: "false" }] }).matches.values()]).toEqual([false, false, false]);
  });
  it("is refused in the server's words", () => {
    expect(answer({ problem: 'step 1 "regex": unclosed group' }).problem).toBe("unclosed group");
    expect(answer({ steps: [{ verdict: "error", message: "trap" }] }).problem).toBe("trap");
  });
});
