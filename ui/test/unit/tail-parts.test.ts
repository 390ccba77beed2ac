import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { TailResponseSchema } from "../../src/gen/protos/common_pb";
import { type Message, messageOf, sizeOf } from "../../src/live/tail/message";
import { changesOf } from "../../src/parts/tail/changes";
import { parseFilter } from "../../src/parts/tail/filter";
import { ndjson } from "../../src/parts/tail/ndjson";
import { tailQuery, tailUrl, wishOf } from "../../src/parts/tail/address";
import { chipsOf, lineOf, shortId } from "../../src/parts/tail/words";

const bytes = (data: string | Uint8Array) => (typeof data === "string" ? new TextEncoder().encode(data) : data);

function message(before: string | Uint8Array, after: string | Uint8Array = before, metadata: Record<string, string> = {}): Message {
  const response = create(TailResponseSchema, {
    sessionId: "session-1",
    timestampNs: 1_790_000_000_123_000_000n,
    originalData: bytes(before),
    newData: bytes(after),
    Metadata: metadata,
  });
  return messageOf(response, 1);
}

describe("a message", () => {
  it("says what changed", () => {
    expect(message("a")).toMatchObject({ changed: false, session: "session-1", time: 1_790_000_000_123 });
    expect(message("a", "b")).toMatchObject({ changed: true, before: { text: "a" }, after: { text: "b" } });
    expect(message("a", "")).toMatchObject({ changed: false, after: undefined });
  });

  it.each([
    ["text", "grüße\n", "grüße\n"],
    ["a byte order mark", "\ufeff{}", "\ufeff{}"],
    ["not UTF-8", new Uint8Array([0xff, 0xfe, 1]), undefined],
    ["control characters", "a\u0001b", undefined],
    ["nothing", "", ""],
  ])("tells text from other data: %s", (_, data, text) => {
    const { before } = message(data);
    expect(before.text).toBe(text);
    expect(before.binary === undefined).toBe(text !== undefined);
  });

  it("may be cut within a character", () => {
    const cut = message(bytes("aü").slice(0, 2), "x", { original_data_bytes: "3000000" });
    expect(cut.before).toMatchObject({ text: "a", size: 2, whole: 3_000_000 });
    expect(chipsOf(cut).map(({ text }) => text)).toContain("cut, 2.9 MiB");
  });

  it("counts shared data once", () => {
    expect(sizeOf(message("abc"))).toBe(3);
    expect(sizeOf(message("abc", "de"))).toBe(5);
  });
});

describe("changesOf", () => {
  it.each([
    ['{"a":1,"b":{"c":[1,2]}}', '{"a":1,"b":{"c":[1,3]}}', ["changed b.c[1]"]],
    ['{"a":1,"b":2}', '{"b":2}', ["removed a"]],
    ['{"b":2}', '{"b":2,"a":null}', ["added a"]],
    ['{"a":[1,2]}', '{"a":[1]}', ["removed a[1]"]],
    ['{"a":[]}', '{"a":{}}', ["changed a"]],
    ['{"a": 1}', '{"a":1}', []],
    ["1", "2", ["changed everything"]],
    ["no JSON", "{}", []],
  ])("%s -> %s", (before, after, want) => {
    expect(changesOf(message(before, after)).map(({ kind, path }) => `${kind} ${path}`)).toEqual(want);
  });

  it("does not look into what is large", () => {
    const large = (letter: string) => JSON.stringify({ a: letter.repeat(60_000) });
    expect(changesOf(message(large("a"), large("b")))).toEqual([]);
    expect(chipsOf(message(large("a"), large("b"))).map(({ text }) => text)).toEqual(["changed"]);
  });
});

describe("parseFilter", () => {
  const sample = message(
    '{"user":{"email":"ann@x.io","age":41,"tags":["new","eu"]},"total":12.50,"ok":true,"none":null,"a key":{"b.c":1},"lines":[{"sku":"A"},{"sku":"B"}],"id":"007"}',
    '{"user":{"email":"***","age":41}}',
  );
  it.each([
    ["", true],
    ["ANN@X", true],
    ["bob", false],
    ['"user"', true],
    ['"ann@x.io"', true],
    ["user.email = ann@x.io", true],
    ["user.email=ann@x.io", true],
    ["user.email = ***", true],
    ["user.email = ann", false],
    ["user.email ~ ANN", true],
    ["user.email !~ ann", false],
    ["user.email != bob", true],
    ["user.email != ann@x.io", false],
    [".user.email", true],
    [".user.phone", false],
    ["user.tags", true],
    ["user.phone", false],
    ["x.io", true],
    [".x.io", false],
    ["user.age >= 41", true],
    ["user.age > 41", false],
    ["user.age < 100", true],
    ["user.age <= 40", false],
    ["total = 12.5", true],
    ["ok = true", true],
    ['ok = "true"', false],
    ["none = null", true],
    ["id = 7", false],
    ["id = 007", true],
    ['["a key"]["b.c"] = 1', true],
    ["lines.sku = B", true],
    ["lines[0].sku = B", false],
    ["lines[*].sku = B", true],
    ["user.tags = eu", true],
    ["user.tags[0] = eu", false],
    ["ok = true && user.age > 40", true],
    ["ok = true && bob", false],
    ['"&&"', false],
    ["constructor.name = Object", false],
    [".toString", false],
  ])("%s: %s", (text, want) => {
    const filter = parseFilter(text);
    if ("problem" in filter) throw new Error(filter.problem);
    expect(filter.test(sample)).toBe(want);
  });

  it.each([
    ["user.email =", /compared/],
    ['user.email = "ann', /do not close/],
    ['"ann', /do not close/],
    ["a && ", /missing/],
    ["age > old", /is none/],
    [".a..b", /not a place/],
  ])("explains what is wrong with %s", (text, want) => {
    const filter = parseFilter(text);
    expect("problem" in filter && filter.problem).toMatch(want);
  });

  it.each(["a", "a.", "[0]", '["a"]', "!", '"', "&"])("reads a long row of %s at once", (piece) => {
    parseFilter(piece.repeat(5_000) + "?");
  });

  it("reads whatever people type, and finds no field in what is not JSON", () => {
    const letters = ["a", ".", "[", "]", '"', "\\", "=", "~", "&&", " ", "1", "*", ">", "!", "ü", "{"];
    let seed = 7;
    for (let i = 0; i < 5_000; i++) {
      let text = "";
      for (let n = 0; n < 12; n++) text += letters[(seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) % letters.length];
      const filter = parseFilter(text);
      if ("problem" in filter) expect(filter.problem).not.toBe("");
      else filter.test(sample);
    }
    const filter = parseFilter(".a");
    expect("test" in filter && filter.test(message("a"))).toBe(false);
    expect("test" in filter && filter.test(message(new Uint8Array([0, 255])))).toBe(false);
  });
});

describe("ndjson", () => {
  const names = { service: "billing", direction: "producer", operation: "charge", component: "kafka" } as const;
  const lineFor = (one: Message) => ndjson([one], names)[0]!;

  it("keeps JSON as it was written", () => {
    const line = lineFor(message('{\n "n": 12345678901234567890.10\n}', '{"n":0}'));
    expect(line).toContain('"before":{  "n": 12345678901234567890.10 }');
    expect(JSON.parse(line)).toMatchObject({ ...names, session: "session-1", time: "2026-09-21T14:13:20.123Z", after: { n: 0 } });
  });

  it("says what is text, what is not, and what was cut", () => {
    expect(JSON.parse(lineFor(message("a\nb", "")))).toMatchObject({ before_text: "a\nb" });
    expect(JSON.parse(lineFor(message("a\nb", "")))).not.toHaveProperty("after_text");
    expect(JSON.parse(lineFor(message(new Uint8Array([0, 255]))))).toMatchObject({ before_base64: "AP8=", after_base64: "AP8=" });
    expect(JSON.parse(lineFor(message("ab", "c", { original_data_bytes: "9" })))).toMatchObject({ before_text: "ab", before_bytes: 9 });
  });

  it("leaves out notes", () => {
    expect(ndjson([{ kind: "note", number: 1, time: 0, text: "a" }], names)).toEqual([]);
  });
});

describe("words", () => {
  it("tells a message in a line", () => {
    expect(lineOf(message('{\n  "a": 1\n}'))).toBe('{ "a": 1 }');
    expect(lineOf(message("x".repeat(1 << 20)))).toHaveLength(320);
    expect(lineOf(message(new Uint8Array([0, 1])))).toBe("2 B that are not text");
    expect(chipsOf(message("in", "")).map(({ text }) => text)).toEqual(["no output"]);
    expect(chipsOf(message("{}"))).toEqual([]);
  });
});

describe("shortId", () => {
  it.each([
    ["8d54ae2e-02cf-4ffc-a46a-257b2096b8df", "8d54ae2e"],
    ["billing-host-17", "…host-17"],
    ["session-1", "session-1"],
  ])("%s -> %s", (id, want) => expect(shortId(id)).toBe(want));
});

describe("the address", () => {
  it.each([
    [{ sample: { rate: 10, seconds: 1 } }, "/tail/a:b"],
    [{ session: "s/1", sample: { rate: 5, seconds: 2 } }, "/tail/a:b?session=s%2F1&rate=5&per=2"],
    [{ session: undefined, sample: undefined }, "/tail/a:b?rate=all"],
  ])("keeps what is wished: %j", (wish, want) => {
    expect(tailUrl("a:b", wish)).toBe(want);
    expect(wishOf(tailQuery(wish))).toEqual({ session: undefined, ...wish });
  });

  it.each(["rate=x", "rate=-1", "rate=0", "per=1e9"])("takes no nonsense: %s", (query) => {
    expect(wishOf(new URLSearchParams(query)).sample).toEqual({ rate: 10, seconds: 1 });
  });
});
