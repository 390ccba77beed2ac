// Drives every method of protos.External on a running server with the original's generated
// clients, over native gRPC and over gRPC-Web as the Console does:
//
//   node drive.mjs ADDRESS TOKEN MODULE
//
// MODULE is a file with a WebAssembly module that the server takes. Ends with 0 when all
// answers are what the original's clients rely on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ChannelCredentials } from "@grpc/grpc-js";
import { GrpcTransport } from "@protobuf-ts/grpc-transport";
import { GrpcWebFetchTransport } from "@protobuf-ts/grpcweb-transport";
import { ResponseCode } from "@streamdal/protos/protos/sp_common";
import { External } from "@streamdal/protos/protos/sp_external";
import { ExternalClient } from "@streamdal/protos/protos/sp_external.client";
import { InternalClient } from "@streamdal/protos/protos/sp_internal.client";
import { NotificationType } from "@streamdal/protos/protos/sp_notify";

const [address, token, moduleFile] = process.argv.slice(2);
const module = readFileSync(moduleFile);
const patience = 30_000;
const meta = { "auth-token": token };
const native = () => new GrpcTransport({ host: address, channelCredentials: ChannelCredentials.createInsecure(), meta });
const web = () => new GrpcWebFetchTransport({ baseUrl: `http://${address}`, format: "binary", meta });

// recording notes which methods of a client are called.
function recording(client, called) {
  return new Proxy(client, {
    get(target, name) {
      const method = target[name];
      if (typeof method !== "function") return method;
      return (...args) => {
        called.add(name);
        return method.apply(target, args);
      };
    },
  });
}

// until reads a stream up to the first message that is good, and cancels it.
async function until(open, what, good) {
  const cancel = new AbortController();
  const timer = setTimeout(() => cancel.abort(), patience);
  try {
    for await (const message of open({ abort: cancel.signal }).responses) {
      if (good(message)) return message;
    }
  } catch (error) {
    throw new Error(`${what}: ${error.message}`);
  } finally {
    clearTimeout(timer);
    cancel.abort();
  }
  throw new Error(`${what}: the stream ended`);
}

async function ok(call, message) {
  const { response } = await call;
  assert.equal(response.code, ResponseCode.OK, response.message);
  assert.notEqual(response.id, "");
  if (message) assert.match(response.message, message);
}

async function failsWith(call, expected) {
  await assert.rejects(async () => await call, expected);
}

function hasField(id, name) {
  return {
    ...(id ? { id } : {}), name, dataFormat: 1, NotificationConfigs: [], steps: [{
      name: "look", dynamic: false,
      step: { oneofKind: "detective", detective: { type: 1001, path: "a", args: [], negate: false } },
    }],
  };
}

async function pipelines(api, audience) {
  const { response: created } = await api.createPipeline({ pipeline: hasField("", "first") });
  const id = created.pipelineId;
  assert.match(id, /^[0-9a-f-]{36}$/);
  await ok(api.updatePipeline({ pipeline: hasField(id, "second") }), /updated/);
  assert.equal((await api.getPipeline({ pipelineId: id })).response.pipeline.name, "second");
  assert.ok((await api.getPipelines({})).response.pipelines.some((p) => p.id === id));
  await failsWith(api.getPipeline({ pipelineId: "none" }), /pipeline not found/);
  await ok(api.createAudience({ audience }));
  await ok(api.setPipelines({ pipelineIds: [id], audience }));
  await ok(api.pausePipeline({ pipelineId: id, audience }), /paused/);
  await ok(api.resumePipeline({ pipelineId: id, audience }), /resumed/);
  return id;
}

async function pictures(api, audience, id) {
  const key = `${audience.serviceName}:operation_type_consumer:${audience.operationName}:${audience.componentName}`;
  const has = (all) => all.configs[key]?.configs.some((c) => c.id === id && !c.paused);
  assert.ok(has((await api.getAll({})).response));
  await until((o) => api.getAllStream({}, o), "GetAllStream", has);
  const { response: { config } } = await api.getConfig({});
  assert.ok(config.pipelines.some((p) => p.id === id));
  assert.ok(JSON.parse(Buffer.from((await api.getSchema({ audience })).response.schema.jsonSchema).toString()).type);
  await until((o) => api.getMetrics({}, o), "GetMetrics", () => true);
  await until((o) => api.getAudienceRates({}, o), "GetAudienceRates", () => true);
}

async function notifications(api) {
  const pagerduty = { token: "secret-token", email: "a@example.com", serviceId: "S", urgency: 1 };
  const { response: created } = await api.createNotification({
    notification: { name: "on call", type: NotificationType.PAGERDUTY, config: { oneofKind: "pagerduty", pagerduty } },
  });
  const id = created.notification.id;
  assert.ok(id);
  const { response: one } = await api.getNotification({ notificationId: id });
  assert.match(one.notification.config.pagerduty.token, /^\*+$/); // forms want it filled
  await ok(api.updateNotification({ notification: { ...one.notification, name: "renamed" } }));
  const kept = (await api.getConfig({})).response.config.notifications.find((n) => n.id === id);
  assert.equal(kept.config.pagerduty.token, "secret-token");
  assert.equal((await api.getNotifications({})).response.notifications[id].name, "renamed");
  for (const call of ["attachNotification", "detachNotification"]) {
    const { response } = await api[call]({ notificationId: id, pipelineId: "p" });
    assert.equal(response.code, ResponseCode.GENERIC_ERROR);
    assert.match(response.message, /deprecated/);
  }
  await ok(api.deleteNotification({ notificationId: id }));
}

// tail sends one payload as an SDK would and expects it in the viewer's stream. SendTail is
// a client stream, which gRPC-Web does not have: SDKs always use native gRPC.
async function tail(api, audience, name) {
  const id = `tail-${name}`;
  const sdk = new InternalClient(native());
  const began = Date.now();
  const sending = setInterval(() => {
    const call = sdk.sendTail();
    call.requests.send({
      type: 1, tailRequestId: id, audience, pipelineId: "", sessionId: `session-${name}`, Metadata: {},
      timestampNs: String(BigInt(Date.now()) * 1_000_000n), originalData: Buffer.from("before"), newData: Buffer.from("after"),
    }).then(() => call.requests.complete()).catch(() => {});
    call.response.catch(() => {});
  }, 100);
  try {
    let paused = false;
    await until((o) => api.tail({
      type: 1, id, audience, Metadata: {}, sampleOptions: { sampleRate: 1000, sampleIntervalSeconds: 1 },
    }, o), "Tail", (message) => {
      if (Buffer.from(message.originalData ?? "").toString() !== "before") return false;
      assert.equal(Buffer.from(message.newData).toString(), "after");
      if (paused) return true;
      paused = true;
      ok(api.pauseTail({ tailId: id }), /tail paused/).then(() => ok(api.resumeTail({ tailId: id }), /tail resumed/))
        .catch((error) => { console.error(error); process.exit(1); });
      return false;
    });
  } finally {
    clearInterval(sending);
  }
  assert.ok(Date.now() - began < patience);
}

async function modules(api, name) {
  const bytes = Buffer.concat([module, Buffer.from([0, 2 + name.length, name.length]), Buffer.from(`${name}.`)]); // a custom section of its own
  const { response: { id } } = await api.createWasm({ wasm: { id: "", name: "mine", function: "f", bytes, Filename: "m.wasm", Bundled: false } });
  const { response: one } = await api.getWasm({ id });
  assert.equal(one.wasm.name, "mine");
  assert.equal(one.wasm.bytes.length, 0);
  await ok(api.updateWasm({ wasm: { ...one.wasm, bytes: module, name: "renamed" } }), /successfully updated/);
  assert.ok((await api.getAllWasm({})).response.wasm.some((m) => m.id === id && m.name === "renamed"));
  await ok(api.deleteWasm({ ids: [id] }), /deleted/);
  await failsWith(api.createWasm({ wasm: { id: "", name: "x", function: "f", bytes: Buffer.from("no module"), Filename: "", Bundled: false } }), /not a WebAssembly module/);
}

async function registration(api) {
  assert.equal((await api.appRegistrationStatus({ email: "a@example.com" })).response.status, 3);
  await ok(api.appRegister({ email: "a@example.com", clusterId: "c" }));
  await ok(api.appVerifyRegistration({ email: "a@example.com", code: "1" }));
  await ok(api.appRegisterReject({ clusterId: "c" }));
}

for (const [name, transport] of [["native", native()], ["web", web()]]) {
  const called = new Set();
  const api = recording(new ExternalClient(transport), called);
  const audience = { serviceName: `svc-${name}`, componentName: "kafka", operationType: 1, operationName: "op" };
  assert.equal((await api.test({ input: "hello" })).response.output, "Pong: hello");
  const id = await pipelines(api, audience);
  await pictures(api, audience, id);
  await notifications(api);
  await tail(api, audience, name);
  await modules(api, name);
  await registration(api);
  await ok(api.deletePipeline({ pipelineId: id, Audiences: [] }));
  await ok(api.deleteAudience({ audience, force: true }));
  await ok(api.deleteService({ serviceName: `svc-${name}`, force: true }));
  const missing = External.methods.map((m) => m.localName).filter((m) => !called.has(m));
  assert.deepEqual(missing, [], `${name}: methods that were not driven`);
  console.log(`${name}: ${called.size} methods`);
}
process.exit(0); // keep-alive timers of the transports would hold it
