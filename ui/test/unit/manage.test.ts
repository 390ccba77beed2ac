import { create, fromJson } from "@bufbuild/protobuf";
import { afterEach, describe, expect, it, vi } from "vitest";

import connecting from "../../../docs/connect.md?raw";
import { NotificationConfigSchema, NotificationType } from "../../src/gen/protos/notify_pb";
import { PipelineSchema } from "../../src/gen/protos/pipeline_pb";
import { Delivery, SessionSchema } from "../../src/gen/streamdal/console/v1/console_pb";
import { rest } from "../../src/live/rest";
import { addressOf, create as createItem, fromBase64, list, toBase64 } from "../../src/pages/kv/store";
import { read, show, suits } from "../../src/pages/kv/view";
import { blank, configOf, type Draft, draftOf, same, target, usersOf } from "../../src/pages/notifications/config";
import { changes, fieldsOf } from "../../src/parts/fields";
import { columns, rowOf, sorted } from "../../src/pages/sessions/rows";
import { sdks, serverAddress } from "../../src/parts/sdks";
import { nameOf, notModule, usersOf as usersOfModule } from "../../src/pages/wasm/modules";
import { bytes } from "../../src/parts/text";

afterEach(() => vi.unstubAllGlobals());

const drafts: Draft[] = [
  { ...blank, name: "s", kind: "slack", channel: "#a" },
  { ...blank, name: "m", kind: "smtp", recipients: "a@x.io\nb@x.io", from: "c@x.io", host: "mail", port: "25", user: "u", tls: false },
  { ...blank, name: "e", kind: "ses", recipients: "a@x.io", from: "c@x.io", region: "eu-central-1", accessKey: "AK" },
  { ...blank, name: "p", kind: "pagerduty", email: "a@x.io", service: "S1", urgency: "low" },
];

describe("notification configs", () => {
  it.each(drafts.map((draft) => [draft.kind, draft] as const))("%s survive the form", (_, draft) => {
    expect(draftOf(configOf(draft, "n1"))).toEqual(draft);
    expect(configOf(draft, "n1").id).toBe("n1");
    expect(configOf(draft).id).toBeUndefined();
  });

  it("take recipients as people write them", () => {
    const config = configOf({ ...drafts[1]!, recipients: " a@x.io, b@x.io;c@x.io " });
    expect(target(config)).toBe("a@x.io, b@x.io, c@x.io");
  });

  it("are the same when only fields of other kinds differ", () => {
    expect(same(drafts[0]!, { ...drafts[0]!, host: "elsewhere", port: "nonsense" })).toBe(true);
    expect(same(drafts[0]!, { ...drafts[0]!, secret: "new" })).toBe(false);
    expect(same({ ...drafts[1]!, port: "nonsense" }, drafts[1]!)).toBe(false);
  });

  it("of an unknown kind do not break the form", () => {
    expect(draftOf(create(NotificationConfigSchema, { name: "x", type: NotificationType.UNSET })).name).toBe("x");
  });
});

describe("users", () => {
  const pipeline = fromJson(PipelineSchema, {
    id: "p1",
    name: "one",
    steps: [{ name: "s", WasmId: "w1", custom: {}, onError: { notification: { notificationConfigIds: ["n1"] } } }],
  });
  const uses = [{ pipeline, operations: [] }];
  it("of a notification are found in every result of a step", () => {
    expect(usersOf("n1", uses)).toEqual([pipeline]);
    expect(usersOf("n2", uses)).toEqual([]);
  });
  it("of a module are found by its id", () => {
    expect(usersOfModule("w1", uses)).toEqual([pipeline]);
    expect(usersOfModule("w2", uses)).toEqual([]);
  });
});

describe("modules", () => {
  it("are known by how they begin", () => {
    expect(notModule(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))).toBeUndefined();
    expect(notModule(new TextEncoder().encode("hello"))).toMatch(/not a WebAssembly module/);
    expect(notModule(new Uint8Array())).toBeDefined();
  });
  it("get names that the server takes", () => {
    expect(["my rule (2).wasm", "a.b.WASM", "é.wasm"].map(nameOf)).toEqual(["my-rule-2", "a-b", ""]);
  });
});

describe("values", () => {
  const text = (s: string) => new TextEncoder().encode(s);
  it.each([
    ["hello", "text"],
    ["12", "text"],
    ['{"a": 1}', "json"],
    ["[1", "text"],
  ])("%j is best seen as %s", (value, view) => expect(suits(text(value))).toBe(view));

  it("that are not text are shown as hexadecimal digits", () => {
    const value = new Uint8Array([0xff, 0x00, 0x7f]);
    expect(suits(value)).toBe("hex");
    expect(show(value, "hex")).toBe("ff 00 7f");
    expect(show(value, "text")).toBeUndefined();
    expect(read("FF 00\n7f", "hex")).toEqual(value);
  });

  it("survive being read back, marks at their start included", () => {
    for (const value of ["", "ü", "\ufeffx", "line\nline"]) expect(read(show(text(value), "text")!, "text")).toEqual(text(value));
    const all = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    expect(fromBase64(toBase64(all))).toEqual(all);
    expect(read(show(all.subarray(0, 256), "hex")!, "hex")).toEqual(all.subarray(0, 256));
  });

  it("say what is wrong with them", () => {
    expect(() => read("0g", "hex")).toThrow("“g” is not a hexadecimal digit.");
    expect(() => read("012", "hex")).toThrow(/last one is missing/);
    expect(() => read("{", "json")).toThrow();
  });
});

describe("key-value objects", () => {
  it("are addressed whatever is in their keys", () => {
    for (const key of ["a/b", "50%", "a..b", "ü ?#", ".", "..", "a&key=b"]) {
      const { pathname, searchParams } = new URL(addressOf(key), "http://server");
      expect([pathname, ...searchParams]).toEqual(["/api/v1/kv", ["key", key]]);
    }
  });

  it("come in pages", async () => {
    const asked: string[] = [];
    const headers = { Link: '</api/v1/kv?after=b>; rel="next"' };
    vi.stubGlobal("fetch", (path: string) => {
      asked.push(path);
      return Promise.resolve(Response.json([{ key: "b", value: "aGk=", created_at_unix_ts_nano_utc: 5e6 }, { key: "e" }], { headers }));
    });
    const page = await list("a&", ["x", "="]);
    expect(asked).toEqual(["/api/v1/kv?limit=100&after=a%26&contains=x&contains=%3D"]);
    expect(page).toEqual({
      more: true,
      items: [
        { key: "b", value: new TextEncoder().encode("hi"), changed: 5 },
        { key: "e", value: new Uint8Array(), changed: 0 },
      ],
    });
  });

  it("are refused in the server's words", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ message: "key 'a' already exists" }, { status: 409 })));
    await expect(createItem("a", new Uint8Array([1]), false)).rejects.toThrow("key 'a' already exists");
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 502, statusText: "Bad Gateway" })));
    await expect(rest("GET", "/x")).rejects.toThrow("The server answered 502 Bad Gateway.");
  });
});

describe("fields of a schema", () => {
  const schema = JSON.stringify({
    type: "object",
    required: ["id", "lines"],
    properties: {
      id: { type: "string", format: "uuid" },
      note: { type: ["string", "null"] },
      lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" } }, required: ["sku"] } },
      who: { anyOf: [{ type: "object", properties: { name: { type: "string" } } }, { type: "null" }] },
    },
  });

  it("are a tree with types and what is optional", () => {
    const got = fieldsOf(schema).map(({ path, depth, type, optional }) => `${depth} ${path}: ${type}${optional ? "?" : ""}`);
    expect(got).toEqual([
      "0 : object",
      "1 id: string (uuid)",
      "1 lines: array of object",
      "2 lines[].sku: string",
      "1 note: string or null?",
      "1 who: object or null?",
      "2 who.name: string?",
    ]);
  });

  it.each(["", "null", "[]", "{", "3", '{"properties": 3, "required": {}, "items": [], "anyOf": 1}'])("of %j do not break the page", (text) => {
    expect(fieldsOf(text).length).toBeLessThanOrEqual(1);
  });

  it("end where no person can follow", () => {
    let deep: object = { type: "string" };
    for (let i = 0; i < 500; i++) deep = { type: "object", properties: { a: deep } };
    expect(fieldsOf(JSON.stringify(deep)).length).toBeLessThan(100);
  });

  it("are compared between versions", () => {
    const before = '{"type":"object","required":["a","b"],"properties":{"a":{"type":"string"},"b":{"type":"integer"}}}';
    const after = '{"type":"object","required":["a"],"properties":{"a":{"type":["string","null"]},"c":{"type":"boolean"}}}';
    expect(changes(before, after)).toEqual([
      { path: "a", before: "string", after: "string or null" },
      { path: "b", before: "integer", after: undefined },
      { path: "c", before: undefined, after: "boolean, optional" },
    ]);
    expect(changes(before, before)).toEqual([]);
  });
});

describe("sessions", () => {
  const row = (id: string, service: string, deliveries: Delivery[], heard = 0) =>
    rowOf(create(SessionSchema, { id, service, heardUnixMs: BigInt(heard), audiences: deliveries.map((delivery) => ({ delivery })) }));

  it("are as far as the operation that is furthest behind", () => {
    const { CURRENT, PENDING, WAITING, UNSPECIFIED } = Delivery;
    const states = [[], [CURRENT], [CURRENT, PENDING], [PENDING, WAITING], [CURRENT, UNSPECIFIED]].map((d) => row("1", "a", d));
    expect(states.map(({ state, current, audiences }) => `${state} ${current}/${audiences}`)).toEqual([
      "current 0/0",
      "current 1/1",
      "pending 1/2",
      "waiting 0/2",
      "unknown 1/2",
    ]);
  });

  it("are sorted by every column both ways, always in the same order", () => {
    const rows = [row("2", "b", [], 5), row("10", "a", [Delivery.WAITING], 9), row("1", "b", [], 5)];
    expect(sorted(rows, "service", false).map(({ id }) => id)).toEqual(["10", "1", "2"]);
    expect(sorted(rows, "service", true).map(({ id }) => id)).toEqual(["1", "2", "10"]);
    expect(sorted(rows, "heard", false).map(({ id }) => id)).toEqual(["10", "1", "2"]);
    expect(sorted(rows, "state", false)[0]!.id).toBe("10");
    for (const { id } of columns) expect(sorted(rows, id, true)).toHaveLength(3);
  });
});

describe("settings", () => {
  it("show the address that SDKs dial", () => {
    const at = (protocol: string, port: string) => serverAddress({ hostname: "rules.example", protocol, port });
    expect([at("http:", "8082"), at("http:", ""), at("https:", "")]).toEqual(["rules.example:8082", "rules.example:80", "rules.example:443"]);
    for (const { program } of sdks) expect(program("rules.example:443")).toContain("rules.example:443");
  });
  it("show the programs of docs/connect.md", () => {
    for (const { label, install, program } of sdks) {
      const [, section] = connecting.split(`\n## ${label}\n`);
      const blocks = [...section!.split("\n## ")[0]!.matchAll(/```\w*\n(.*?)\n```/gs)].map(([, text]) => text);
      expect(blocks).toEqual([install, program("localhost:8082")]);
    }
  });
  it("show sizes in a unit that suits them", () => expect([612, 1_536, 3 << 20].map(bytes)).toEqual(["612 B", "1.5 KiB", "3.0 MiB"]));
});
