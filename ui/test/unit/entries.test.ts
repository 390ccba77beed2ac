import { create } from "@bufbuild/protobuf";
import { expect, test, vi } from "vitest";

import { type Doing, entries } from "../../src/app/entries";
import { thingEntries } from "../../src/app/things";
import { NotificationConfigSchema } from "../../src/gen/protos/notify_pb";
import { WasmModuleSchema } from "../../src/gen/protos/shared/shared_pb";
import { SessionSchema } from "../../src/gen/streamdal/console/v1/console_pb";
import { TokenSchema } from "../../src/gen/streamdal/console/v1/token_pb";
import { modelOf } from "./fixture";

const doing = (): Doing => ({ logout: vi.fn(), theme: vi.fn(), pause: vi.fn() });
const pages = [{ path: "/", label: "Map" }];
const key = "billing:operation_type_producer:charge-card:stripe";

test("the palette reaches every service, operation, component, pipeline and panel", async () => {
  const model = await modelOf(3);
  const found = entries(pages, model, "admin", undefined, doing());
  const runs = new Set(found.map(({ run }) => run));
  for (const { name } of model.services) expect(runs).toContain(`/?service=${name}`);
  for (const { name } of model.components) expect(runs).toContain(`/?component=${name}`);
  for (const id of model.pipelines.keys()) expect(runs).toContain(`/pipelines/${id}`);
  for (const each of model.operations.keys()) for (const at of [`/?op=${each}`, `/?op=${each}&tab=live`, `/?op=${each}&tab=schema`]) expect(runs).toContain(at);
  expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
});

test.each([
  ["viewer", []],
  ["editor", ["New pipeline", "New notification", "New key-value object"]],
  ["admin", ["New pipeline", "New notification", "Upload a Wasm module", "New key-value object"]],
] as const)("a %s finds only what it may do", (role, wanted) => {
  const labels = entries(pages, undefined, role, undefined, doing()).map(({ label }) => label);
  expect(labels.filter((label) => /^(New|Upload)/.test(label))).toEqual(wanted);
});

test("what concerns the selection comes first", async () => {
  const model = await modelOf(1);
  const does = doing();
  const found = entries(pages, model, "editor", { kind: "op", id: key }, does);
  expect(found[0]!.label).toBe("charge-card: Pipelines");
  const attach = found.find(({ label }) => label === "Attach a pipeline to charge-card")!;
  expect(attach.run).toBe(`/?op=${key}&ask=attach`);
  const pause = found.find(({ label }) => /^Pause .* on charge-card$/.test(label))!;
  (pause.run as () => void)();
  expect(does.pause).toHaveBeenCalledWith(model.operations.get(key), { id: "pipeline-0", paused: false });
  expect(entries(pages, model, "viewer", { kind: "op", id: key }, does).filter(({ label }) => /^(Attach|Delete|Pause)/.test(label))).toEqual([]);
  expect(entries(pages, model, "editor", { kind: "service", id: "billing" }, does)[0]!.run).toBe("/?service=billing&ask=delete");
});

test("the palette finds what is not on the map, session by session after all else", () => {
  const found = thingEntries({
    notifications: [create(NotificationConfigSchema, { id: "n/1", name: "on call", config: { case: "pagerduty", value: {} } })],
    modules: [create(WasmModuleSchema, { id: "w1", name: "mine" }), create(WasmModuleSchema, { id: "w2", name: "detective", Bundled: true })],
    tokens: [create(TokenSchema, { id: "t1", name: "of CI", role: "editor" })],
    sessions: [create(SessionSchema, { id: "s1", service: "billing", language: "go", node: "node-1" })],
    keys: ["a b%41"],
  });
  expect(found.map(({ kind, label, hint, run }) => [kind, label, hint, run])).toEqual([
    ["Notification", "on call", "PagerDuty", "/notifications/n%2F1"],
    ["Wasm", "mine", "", "/wasm/w1"],
    ["Key", "a b%41", undefined, "/kv?key=a%20b%2541"],
    ["Token", "of CI", "editor", "/tokens?q=t1"],
    ["Session", "s1", "billing · Go · node-1", "/sessions?q=s1"],
  ]);
});
