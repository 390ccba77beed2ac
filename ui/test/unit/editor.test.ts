import { clone, create, equals, fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { type Pipeline, PipelineDataFormat, PipelineSchema, PipelineStepNotification_PayloadType as PayloadType, PipelineStepSchema } from "../../src/gen/protos/pipeline_pb";
import { DetectiveStepSchema, DetectiveType } from "../../src/gen/protos/steps/detective_pb";
import { TransformType } from "../../src/gen/protos/steps/transform_pb";
import { Drafts, newDraft } from "../../src/live/drafts";
import { argsProblem, inputOf } from "../../src/pages/pipelines/step/args";
import { changeConditions, consequence, toggleConfig } from "../../src/pages/pipelines/step/conditions";
import { alike, applyShown, begin, changePipeline, changeStep, copyOf, duplicateStep, insertStep, isChanged, moveStep, removeStep } from "../../src/pages/pipelines/editor/draft";
import { check, editableText } from "../../src/pages/pipelines/editor/json";
import { changeKind, kindOf, kinds, newStep } from "../../src/pages/pipelines/step/kinds";
import { blockerOf, firstProblem, problemsOf } from "../../src/pages/pipelines/step/problems";
import { mapOf, pairsOf, pairsProblem } from "../../src/pages/pipelines/step/Rows";
import { ruleDoc } from "../../src/pages/pipelines/step/rules";
import { misfit } from "../../src/pages/pipelines/editor/syntax";
import { templates } from "../../src/pages/pipelines/templates/templates";
import { optionsOf, pathsOf, withPaths } from "../../src/pages/pipelines/step/transform";
import { readPlace, withPlace } from "../../src/pages/pipelines/editor/view";

const byWire = (wire: string) => kinds.find((kind) => kind.wire === wire)!;
const step = (json: JsonObject) => fromJson(PipelineStepSchema, json);
const valuesOf = (type: object) => Object.values(type).filter((value): value is number => typeof value === "number" && value > 0);

/** A step of a kind with something in every field that its documentation fills, and conditions. */
function filled(wire: string): JsonObject {
  const example = JSON.parse(ruleDoc(wire)!.step) as JsonObject | JsonObject[];
  const last = Array.isArray(example) ? example.at(-1)! : example;
  return {
    ...last,
    name: `a ${wire}`,
    onTrue: { abort: "ABORT_CONDITION_ABORT_ALL", metadata: { a: "1", "": "odd" }, notify: true },
    onFalse: { notification: { notificationConfigIds: ["n1", "gone"], payloadType: "PAYLOAD_TYPE_SELECT_PATHS", paths: ["x.y"] } },
    onError: { abort: "ABORT_CONDITION_ABORT_CURRENT" },
    WasmId: "w1",
  };
}

describe("kinds", () => {
  it("are all that the wire has", () => {
    const rules = kinds.map((kind) => kind.make());
    const detectives = rules.flatMap((rule) => (rule.case === "detective" ? [rule.value.type] : []));
    const transforms = rules.flatMap((rule) => (rule.case === "transform" ? [rule.value.type] : []));
    expect([...detectives].sort()).toEqual(valuesOf(DetectiveType).sort());
    expect([...transforms].sort()).toEqual(valuesOf(TransformType).sort());
    const cases = PipelineStepSchema.oneofs[0]!.fields.map((field) => field.localName);
    expect([...new Set(rules.map((rule) => rule.case))].sort()).toEqual(cases.sort());
  });

  it.each(kinds.map((kind) => [kind.wire, kind] as const))("%s is documented by an example of itself", (wire, kind) => {
    const doc = ruleDoc(wire);
    expect(doc?.about).not.toBe("");
    expect(doc?.payload).toBeTruthy();
    expect(doc?.outcome).toBeTruthy();
    expect(kindOf(step(filled(wire)))).toBe(kind);
    expect(kindOf(newStep(kind))).toBe(kind);
  });

  it("offer nothing that the server refuses", () => {
    expect(kinds.filter(({ retired }) => retired !== undefined).map(({ wire }) => wire)).toEqual(["infer_schema", "encode", "decode"]);
  });
});

describe("a step of each kind", () => {
  it.each(kinds.map(({ wire }) => wire))("%s keeps everything through a change elsewhere and through the JSON view", (wire) => {
    const stored = fromJson(PipelineSchema, { id: "p1", name: "n", CreatedBy: "operator", Version: "7", Url: "u", steps: [filled(wire), { name: "other" }] });
    const draft = changeStep(begin(stored, stored), "saved-0", (now) => ({ ...now, name: "renamed" }));
    const want = clone(PipelineSchema, stored);
    want.steps[0]!.name = "renamed";
    expect(toJson(PipelineSchema, draft.pipeline)).toEqual(toJson(PipelineSchema, want));
    const read = check(editableText(draft.pipeline));
    expect(read.problem).toBeUndefined();
    expect(toJson(PipelineSchema, applyShown(draft, read.pipeline!).pipeline)).toEqual(toJson(PipelineSchema, want));
  });

  it.each(kinds.map((kind) => [kind.wire, kind] as const))("%s keeps conditions and a chosen name when it becomes another kind", (wire, kind) => {
    const before = step(filled(wire));
    for (const next of [byWire("PII_EMAIL"), byWire("MASK_VALUE"), byWire("kv")]) {
      const after = changeKind(before, next);
      expect(kindOf(after)).toBe(next);
      expect(after.name).toBe(`a ${wire}`);
      expect(after.onTrue).toBe(before.onTrue);
      expect(after.onFalse).toBe(before.onFalse);
      expect(after.WasmId).toBeUndefined();
    }
    expect(changeKind(newStep(kind), byWire("kv")).name).toBe("look up a key");
  });

  it("takes its path along", () => {
    const detective = step({ detective: { type: "DETECTIVE_TYPE_STRING_EQUAL", path: "a.b", negate: true, args: ["x"] } });
    expect(changeKind(detective, byWire("REGEX")).step.value).toMatchObject({ path: "a.b", negate: true, args: [] });
    const longer = step({ detective: { type: "DETECTIVE_TYPE_NUMERIC_MIN", path: "a", args: ["5"] } });
    expect(changeKind(longer, byWire("NUMERIC_LESS_THAN")).step.value).toMatchObject({ path: "a", args: ["5"] });
    const transform = step({ dynamic: true, transform: { type: "TRANSFORM_TYPE_DELETE_FIELD", deleteFieldOptions: { paths: ["a", "b"] } } });
    const mask = changeKind(transform, byWire("MASK_VALUE"));
    expect(mask.dynamic).toBe(true);
    expect(mask.step.case === "transform" && pathsOf(mask.step.value)).toEqual(["a"]);
    expect(changeKind(transform, byWire("kv")).dynamic).toBe(false);
  });
});

describe("options of transforms", () => {
  it("of another type are kept until the type's own are changed", () => {
    const odd = step({ transform: { type: "TRANSFORM_TYPE_MASK_VALUE", deleteFieldOptions: { paths: ["a"] } } }).step;
    if (odd.case !== "transform") throw new Error("no transform");
    expect(optionsOf(odd.value)).toMatchObject({ case: "maskOptions", value: { path: "", mask: "" } });
    expect(odd.value.options.case).toBe("deleteFieldOptions");
    expect(withPaths(odd.value, ["b"]).options).toMatchObject({ case: "maskOptions", value: { path: "b" } });
  });
});

describe("arguments", () => {
  const of = (type: keyof typeof DetectiveType, ...args: string[]) => argsProblem(create(DetectiveStepSchema, { type: DetectiveType[type], args }));
  it.each<[keyof typeof DetectiveType, string[], boolean]>([
    ["PII_EMAIL", [], true],
    ["PII_EMAIL", ["left over"], true],
    ["STRING_EQUAL", [""], true],
    ["STRING_EQUAL", [], false],
    ["STRING_CONTAINS_ANY", ["a", "b"], true],
    ["STRING_CONTAINS_ANY", [], false],
    ["STRING_CONTAINS_ALL", ["a", ""], false],
    ["REGEX", ["^a"], true],
    ["REGEX", [""], false],
    ["IS_TYPE", ["array"], true],
    ["IS_TYPE", [], false],
    ["STRING_LENGTH_MIN", ["3"], true],
    ["STRING_LENGTH_MIN", ["-3"], false],
    ["STRING_LENGTH_MAX", ["3.5"], false],
    ["STRING_LENGTH_RANGE", ["1", "10"], true],
    ["STRING_LENGTH_RANGE", ["10", "9"], false],
    ["STRING_LENGTH_RANGE", ["1"], false],
    ["NUMERIC_EQUAL_TO", ["-1.5e3"], true],
    ["NUMERIC_EQUAL_TO", [".5"], true],
    ["NUMERIC_EQUAL_TO", ["1,5"], false],
    ["NUMERIC_EQUAL_TO", ["0x10"], false],
    ["NUMERIC_EQUAL_TO", [" 1"], false],
    ["NUMERIC_RANGE", ["-5", "5"], true],
    ["NUMERIC_RANGE", ["5", "-5"], false],
  ])("%s %j: %s", (type, args, fine) => expect(of(type, ...args) === undefined).toBe(fine));

  it("are asked for by every type that has some in its example", () => {
    for (const { wire, make } of kinds) {
      const rule = make();
      if (rule.case !== "detective") continue;
      const example = step(JSON.parse(ruleDoc(wire)!.step) as JsonObject).step;
      if (example.case !== "detective") throw new Error(wire);
      expect([wire, inputOf(rule.value.type) === "none"]).toEqual([wire, example.value.args.length === 0]);
      expect([wire, argsProblem(example.value)]).toEqual([wire, undefined]);
    }
  });
});

describe("problems", () => {
  it.each<[JsonObject, RegExp | undefined]>([
    [{}, /^Choose what the step does/],
    [{ detective: { type: "DETECTIVE_TYPE_HAS_FIELD" } }, /where to look/],
    [{ detective: { type: "DETECTIVE_TYPE_PII_ANY" } }, undefined],
    [{ transform: { type: "TRANSFORM_TYPE_MASK_VALUE" } }, /what to change/],
    [{ dynamic: true, transform: { type: "TRANSFORM_TYPE_MASK_VALUE" } }, undefined],
    [{ transform: { type: "TRANSFORM_TYPE_DELETE_FIELD", deleteFieldOptions: { paths: ["a", ""] } } }, /path is empty/],
    [{ transform: { type: "TRANSFORM_TYPE_REPLACE_VALUE", replaceValueOptions: { path: "a", value: "x" } } }, /quotes/],
    [{ transform: { type: "TRANSFORM_TYPE_REPLACE_VALUE", replaceValueOptions: { path: "a", value: '"x"' } } }, undefined],
    [{ transform: { type: "TRANSFORM_TYPE_TRUNCATE_VALUE", truncateOptions: { path: "a" } } }, /whole number from 1/],
    [{ httpRequest: {} }, /address to call/],
    [{ httpRequest: { request: { url: "nowhere", method: "HTTP_REQUEST_METHOD_GET" } } }, /not an address/],
    [{ httpRequest: { request: { url: "http://a/", method: "HTTP_REQUEST_METHOD_GET" } } }, undefined],
    [{ kv: { action: "KV_ACTION_EXISTS" } }, /Write a key/],
    [{ custom: {} }, /Choose a module/],
    [{ WasmId: "w", custom: {} }, undefined],
    [{ schemaValidation: { condition: "SCHEMA_VALIDATION_CONDITION_MATCH", jsonSchema: { jsonSchema: btoa("{") } } }, /not valid JSON/],
    [{ validJson: {}, onTrue: { notification: { notificationConfigIds: ["a"], payloadType: "PAYLOAD_TYPE_SELECT_PATHS" } } }, /which paths/],
    [{ validJson: {} }, undefined],
  ])("%j: %s", (json, want) => {
    const problem = firstProblem(problemsOf(step(json), false));
    if (want === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(want);
  });

  it("are none in templates", () => {
    for (const { id, pipeline } of templates) {
      const plain = pipeline.dataFormat === PipelineDataFormat.PLAINTEXT;
      expect([id, pipeline.steps.map((one) => problemsOf(one, plain))]).toEqual([id, pipeline.steps.map(() => ({}))]);
    }
  });

  it("are none in the documentation's examples", () => {
    for (const { wire, retired } of kinds) {
      if (retired !== undefined || wire === "custom") continue;
      expect([wire, problemsOf(step(filled(wire)), false)]).toEqual([wire, {}]);
    }
  });
});

describe("a draft", () => {
  const stored = fromJson(PipelineSchema, { id: "p1", name: "n", steps: ["a", "b", "c"].map((name) => ({ name, validJson: {} })) });
  const names = ({ steps }: Pipeline) => steps.map(({ name }) => name).join("");

  it("keeps its keys with their steps", () => {
    let draft = moveStep(begin(stored, stored), "saved-0", 2);
    expect([names(draft.pipeline), draft.keys]).toEqual(["bca", ["saved-1", "saved-2", "saved-0"]]);
    draft = duplicateStep(draft, "saved-1");
    draft = insertStep(draft, newStep(byWire("kv")), 0);
    expect(new Set(draft.keys).size).toBe(5);
    expect(draft.keys[1]).toBe("saved-1");
    draft = removeStep(draft, "saved-1");
    expect(names(draft.pipeline)).toBe("look up a keybca");
    expect(changeStep(draft, "nobody", () => newStep(byWire("kv")))).toBe(draft);
    expect(moveStep(draft, "saved-0", 9)).toBe(draft);
  });

  it("leaves steps that it does not touch the same objects", () => {
    const draft = changeStep(begin(stored, stored), "saved-1", (now) => ({ ...now, name: "x" }));
    expect(draft.pipeline.steps[0]).toBe(stored.steps[0]);
    const shown = check(editableText(draft.pipeline).replace('"x"', '"y"')).pipeline!;
    const applied = applyShown(draft, shown);
    expect(names(applied.pipeline)).toBe("ayc");
    expect(applied.pipeline.steps[0]).toBe(stored.steps[0]);
    expect(applied.pipeline.id).toBe("p1");
  });

  it("is changed only when it differs in what people can change", () => {
    const begun = begin(stored, stored);
    expect(isChanged(begun)).toBe(false);
    expect(isChanged(changePipeline(changePipeline(begun, { name: "m" }), { name: "n" }))).toBe(false);
    expect(isChanged({ ...begun, text: "{" })).toBe(true);
    expect(isChanged(begin(stored))).toBe(true);
    const served = clone(PipelineSchema, stored);
    Object.assign(served, { UpdatedAtUnixTsUtc: 5n, Paused: true });
    served.steps[0]!.WasmId = "w";
    expect(alike(served, stored)).toBe(true);
  });

  it("is kept from being saved by new faults and by what the server refuses, not by what was saved before", () => {
    const odd = fromJson(PipelineSchema, { id: "p", name: "n", steps: [{ kv: {} }, { name: "b", validJson: {} }] });
    const nothing = () => false;
    const begun = begin(odd, odd);
    expect(blockerOf(begun, nothing)).toBe(-1);
    expect(blockerOf(changeStep(begun, "saved-1", (now) => ({ ...now, name: "c" })), nothing)).toBe(-1);
    expect(blockerOf(changeStep(begun, "saved-0", (now) => ({ ...now, name: "c" })), nothing)).toBe(0);
    expect(blockerOf(begun, (one) => one.name === "b")).toBe(1);
    expect(blockerOf(begin(odd), nothing)).toBe(0);
  });

  it("of a duplicate is nobody's yet, but runs the same module", () => {
    const custom = fromJson(PipelineSchema, { id: "p", name: "n", CreatedBy: "operator", steps: [{ WasmId: "w1", WasmFunction: "f", custom: {} }] });
    const copy = copyOf(custom);
    expect(toJson(PipelineSchema, copy)).toEqual({ name: "Copy of n", steps: [{ WasmId: "w1", custom: {} }] });
    expect(custom.id).toBe("p");
  });

  it("keeps unknown fields", () => {
    const odd = { ...stored, steps: [{ ...stored.steps[0]!, $unknown: [{ no: 777, wireType: 0, data: new Uint8Array([1]) }] }] };
    const draft = changeStep(begin(odd, odd), "saved-0", (now) => ({ ...now, dynamic: true }));
    expect(draft.pipeline.steps[0]!.$unknown).toHaveLength(1);
  });
});

describe("drafts", () => {
  it("tell when they change, and are all dropped at once", () => {
    const drafts = new Drafts();
    const pipeline = create(PipelineSchema, { name: "n" });
    let told = 0;
    drafts.subscribe(() => told++);
    drafts.set(newDraft, begin(pipeline));
    drafts.set("p1", begin(create(PipelineSchema)));
    expect([drafts.size, drafts.names(), told]).toEqual([2, ["n", "a pipeline without a name"], 2]);
    drafts.drop("nobody");
    expect(told).toBe(2);
    drafts.clear();
    drafts.clear();
    expect([drafts.size, told]).toEqual([0, 3]);
  });
});

describe("conditions", () => {
  it("disappear when they say nothing", () => {
    const some = changeConditions(undefined, { metadata: { a: "1" } })!;
    expect(consequence(some)).toBe("1 metadata entry");
    expect(changeConditions(some, { metadata: {} })).toBeUndefined();
    const old = step({ validJson: {}, onTrue: { notify: true, abort: "ABORT_CONDITION_ABORT_ALL" } }).onTrue;
    expect(changeConditions(old, { abort: 0 })).toMatchObject({ notify: true });
  });

  it("send no payload until somebody says so", () => {
    const one = toggleConfig(undefined, "a", true)!;
    expect(one).toMatchObject({ notificationConfigIds: ["a"], payloadType: PayloadType.EXCLUDE });
    const two = toggleConfig({ ...one, payloadType: PayloadType.FULL_PAYLOAD, paths: ["kept"] }, "b", true)!;
    expect(two).toMatchObject({ notificationConfigIds: ["a", "b"], payloadType: PayloadType.FULL_PAYLOAD, paths: ["kept"] });
    expect(toggleConfig(toggleConfig(two, "a", false), "b", false)).toBeUndefined();
  });
});

describe("pairs", () => {
  it("are a map and back", () => {
    const map = { b: "2", a: "", "x y": "z" };
    expect(mapOf(pairsOf(map))).toEqual(map);
    expect(mapOf([["a", "1"], ["", "lost"], ["a", "2"]])).toEqual({ a: "2" });
    expect(pairsProblem([["a", "1"], ["a", "2"]])).toMatch(/twice/);
    expect(pairsProblem([["", "1"]])).toMatch(/without a name/);
    expect(pairsProblem([["", ""], ["a", ""]])).toBeUndefined();
  });
});

describe("the address", () => {
  it("has the step and the view", () => {
    const read = (text: string) => readPlace(new URLSearchParams(text));
    expect(read("")).toEqual({ view: "form", at: 0 });
    expect(read("step=3&view=json")).toEqual({ view: "json", at: 2 });
    expect(read("step=about")).toEqual({ view: "form", at: "about" });
    for (const odd of ["0", "-1", "1.5", "x", ""]) expect(read(`step=${odd}`).at).toBe(0);
    expect(String(withPlace(new URLSearchParams("new=x&view=json"), { at: 1, view: "form" }))).toBe("new=x&step=2");
  });
});

describe("a misfit in JSON", () => {
  it.each<[string, number]>([
    ["", 0],
    ["{", 1],
    ['{"a" 1}', 5],
    ['{"a": 1,}', 8],
    ["[1 2]", 3],
    ["[,]", 1],
    ["[1,]", 3],
    ["{]", 1],
    ["[}", 1],
    ["[1}", 2],
    ["01", 1],
    ["nul", 0],
    ['"a\nb"', 0],
    ['{"a": tru}', 6],
    ["{} x", 3],
    ['[{"a": [1, "x", null]}, ', 24],
  ])("%j is at %d", (text, at) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(misfit(text)).toBe(at);
  });

  it("is at the end of what is valid", () => {
    for (const text of ["1", " [ ] ", '{"a": {"b": [true, -1.5e3, "\\u00e9"]}}\n']) {
      expect(() => JSON.parse(text) as unknown).not.toThrow();
      expect(misfit(text)).toBe(text.length);
    }
  });
});

describe("the JSON view", () => {
  it.each<[JsonValue]>([[{ name: "n", steps: [] }], [{ name: "", steps: [{}] }], [{ name: "n", Description: "d", Version: "1", dataFormat: "PIPELINE_DATA_FORMAT_PLAINTEXT", steps: [] }]])(
    "%j is read as it is written",
    (json) => {
      const pipeline = fromJson(PipelineSchema, json);
      expect(equals(PipelineSchema, check(editableText(pipeline)).pipeline!, pipeline)).toBe(true);
    },
  );
});
