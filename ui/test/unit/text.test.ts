import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, describe, expect, it, vi } from "vitest";

import { ResponseCode, StandardResponseSchema } from "../../src/gen/protos/common_pb";
import { PipelineSchema } from "../../src/gen/protos/pipeline_pb";
import { takeLoginCode } from "../../src/live/session";
import { succeeded, words } from "../../src/live/words";
import { check, editableText } from "../../src/pages/pipelines/editor/json";
import { templates } from "../../src/pages/pipelines/templates/templates";
import { search } from "../../src/parts/search";
import { summarize } from "../../src/parts/steps";
import { age, count, moment, sentence } from "../../src/parts/text";

describe("moment", () => {
  it("tells a time to the second, with its zone", () => {
    expect(moment(new Date(2026, 10, 8, 21, 4, 5).getTime())).toMatch(/^8 Nov 2026, 21:04:05 \S+/);
  });

  it.each([8.65e15, -8.65e15, 1e22, NaN, Infinity])("says nothing of %d, which is no time", (time) => {
    expect(moment(time)).toBe("");
  });
});

describe("templates", () => {
  it.each(templates.map(({ id, text }) => [id, text]))("%s is a pipeline and survives the editor", (_, text) => {
    const checked = check(text);
    if (checked.problem !== undefined) throw new Error(checked.problem);
    expect(editableText(checked.pipeline)).toBe(text);
  });
});

describe("check", () => {
  it.each([
    ['{"name": "a",}', /^Not valid JSON at line 1: /],
    ['{\n  "name": "a"\n  "steps": []\n}', /^Not valid JSON at line 3: /],
    ['{"name": "a"', /^Not valid JSON: it ends at line 1/],
    ['{\n  "name": "a",\n  "steps": [,]\n}', /^Not valid JSON at line 3: Unexpected token ','\.$/],
    ['{"name": "a", "stepz": []}', /^“stepz” is not a field of Pipeline\.$/],
    ['{"name": "a", "steps": [{"detective": {"type": "DETECTIVE_TYPE_NONSENSE"}}]}', /DETECTIVE_TYPE_NONSENSE/],
    ["[]", /./],
  ])("explains %j", (text, want) => {
    expect(check(text).problem).toMatch(want);
  });
});

describe("the form that is edited", () => {
  const stored = fromJson(PipelineSchema, {
    id: "p1",
    name: "mask",
    CreatedAtUnixTsUtc: "1700000000",
    CreatedBy: "operator",
    steps: [
      { name: "find", WasmId: "w1", WasmFunction: "f", detective: { type: "DETECTIVE_TYPE_PII_EMAIL" } },
      { name: "own", WasmId: "w2", custom: {} },
    ],
  });

  it("leaves out what the server fills in, but not the choice of a custom module", () => {
    expect(JSON.parse(editableText(stored))).toEqual({
      name: "mask",
      steps: [
        { name: "find", detective: { type: "DETECTIVE_TYPE_PII_EMAIL" } },
        { name: "own", WasmId: "w2", custom: {} },
      ],
    });
  });
});

describe("summarize", () => {
  const truncate = (type: string, value: number) => ({
    transform: { type: "TRANSFORM_TYPE_TRUNCATE_VALUE", truncateOptions: { path: "a", type: `TRANSFORM_TRUNCATE_TYPE_${type}`, value } },
  });
  const summary = (steps: JsonValue) => summarize(fromJson(PipelineSchema, { steps }));
  it.each<[JsonValue, string]>([
    [[], "No steps yet"],
    [[{ detective: { type: "DETECTIVE_TYPE_PII_EMAIL" } }], "Detect e-mail addresses"],
    [[{ detective: { type: "DETECTIVE_TYPE_PII_GITHUB_PAT", path: "a.b" } }], "Detect github pat at a.b"],
    [[{ detective: { type: "DETECTIVE_TYPE_NUMERIC_RANGE", path: "n", args: ["1", "5"] } }], "Check n is between 1 and 5"],
    [[{ detective: { type: "DETECTIVE_TYPE_HAS_FIELD", path: "n", negate: true } }], "Check not: n is present"],
    [[{ detective: { type: "DETECTIVE_TYPE_STRING_LENGTH_MIN", path: "a", args: ["1"] } }], "Check a has at least 1 byte"],
    [[{ detective: { type: "DETECTIVE_TYPE_STRING_LENGTH_RANGE", path: "a", args: ["2", "8"] } }], "Check a has 2 to 8 bytes"],
    [[{ detective: { type: "DETECTIVE_TYPE_NUMERIC_MAX", path: "a", args: ["9"] } }], "Check a < 9"],
    [[truncate("LENGTH", 1)], "Truncate a to 1 byte"],
    [[truncate("LENGTH", 20)], "Truncate a to 20 bytes"],
    [[truncate("PERCENTAGE", 20)], "Truncate a to 20 %"],
    [[{ dynamic: true, transform: { type: "TRANSFORM_TYPE_MASK_VALUE", maskOptions: {} } }], "Mask what was found"],
    [[{ transform: { type: "TRANSFORM_TYPE_DELETE_FIELD", deleteFieldOptions: { paths: ["a", "b"] } } }], "Delete a, b"],
    [[{ transform: { type: "TRANSFORM_TYPE_REPLACE_VALUE", replaceValueOptions: { path: "a", value: "x" } } }], "Replace a with “x”"],
    [[{ validJson: {} }, {}], "Check that the payload is valid JSON → Do nothing"],
  ])("%j: %s", (steps, want) => expect(summary(steps)).toBe(want));
});

describe("words", () => {
  it("are the server's", () => {
    expect(words(new ConnectError("pipeline not found", Code.NotFound))).toBe("pipeline not found");
    expect(words(new Error("invalid auth token"))).toBe("invalid auth token");
    expect(words(new ConnectError("HTTP 502", Code.Unavailable))).toBe("The server cannot be reached: what is in front of it answered HTTP 502.");
    expect(() => succeeded(create(StandardResponseSchema, { code: ResponseCode.NOT_FOUND, message: "no such" }))).toThrow("no such");
    expect(() => succeeded(create(StandardResponseSchema, {}))).toThrow("UNSET");
  });

  it("say when there was no server", () => {
    for (const error of [new TypeError("Failed to fetch"), new ConnectError("network error", Code.Unknown)]) {
      expect(words(error)).toBe("The server cannot be reached.");
    }
  });
});

describe("takeLoginCode", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("takes the code out of the address", () => {
    const replaceState = vi.fn();
    vi.stubGlobal("location", { hash: "#login=ABC", pathname: "/pipelines", search: "?q=x" });
    vi.stubGlobal("history", { state: null, replaceState });
    expect(takeLoginCode()).toBe("ABC");
    expect(replaceState).toHaveBeenCalledWith(null, "", "/pipelines?q=x");
  });

  it("leaves other fragments alone", () => {
    const replaceState = vi.fn();
    vi.stubGlobal("location", { hash: "#page", pathname: "/", search: "" });
    vi.stubGlobal("history", { state: null, replaceState });
    expect(takeLoginCode()).toBeUndefined();
    expect(replaceState).not.toHaveBeenCalled();
  });
});

describe("small texts", () => {
  it("count", () => expect([count(1, "session"), count(0, "session"), count(2, "match", "matches")]).toEqual(["1 session", "0 sessions", "2 matches"]));
  it("age", () => expect([4_400, 61_000, 7_300_000, 200_000_000].map(age)).toEqual(["4 s", "1 min", "2 h", "2 d"]));
  it("sentence", () => expect(["server shutting down", "No.", " why?"].map(sentence)).toEqual(["Server shutting down.", "No.", "Why?"]));
  it("search puts what begins with the query first", () => {
    expect(search(["new-order", "order", "other"], "order", (x) => x)).toEqual(["order", "new-order"]);
  });
});
