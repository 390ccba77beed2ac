// Answers a Go test (../crosscheck_test.go) with what the original's generated
// code makes of the same messages. One JSON request a line on stdin, one JSON
// answer a line on stdout, in order:
//
//   {"op":"describe"}                        {"blocks":{heading:[line]}} as ../testdata/wire.txt
//   {"op":"echo","type":T,"bytes":B,"json":J} {"bytes":B,"json":J,"fromJson":B}
//   {"op":"create","type":T,"seed":N}        {"bytes":B,"json":J}, a random message
//
// Bytes are base64. A request that fails is answered {"error":text}.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MessageType, RepeatType, ScalarType } from "@protobuf-ts/runtime";
import { randomMessage } from "./random.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "node_modules/@streamdal/protos/esm/protos");
const types = new Map();
const services = [];
for (const file of readdirSync(root, { recursive: true })) {
  if (!file.endsWith(".js") || file.endsWith(".client.js")) continue;
  for (const value of Object.values(await import(pathToFileURL(join(root, file)).href))) {
    if (value instanceof MessageType) types.set(value.typeName, value);
    else if (value?.typeName && Array.isArray(value.methods)) services.push(value);
  }
}

const scalarName = (t) => ScalarType[t].toLowerCase();

function typeName(kind, T) {
  switch (kind) {
    case "scalar": return scalarName(T);
    case "enum": return "enum:" + T()[0];
    default: return T().typeName;
  }
}

function fieldLine(f) {
  const type = f.kind === "map"
    ? `map<${scalarName(f.K)},${f.V.kind === "scalar" ? scalarName(f.V.T) : typeName(f.V.kind, f.V.T)}>`
    : typeName(f.kind, f.T);
  let label = "";
  if (f.oneof) label = `oneof:${f.oneof} `;
  else if (f.kind !== "map" && f.repeat !== RepeatType.NO) label = "repeated ";
  // Every message field is "opt" here: it has presence anyway.
  else if (f.opt && f.kind !== "message") label = "optional ";
  return `  ${f.no} ${f.name} ${type} ${label}json:${f.jsonName}`;
}

function describe() {
  const blocks = {};
  for (const [name, type] of types) {
    blocks[`message ${name}`] = type.fields.map(fieldLine);
    for (const f of type.fields) {
      if (f.kind !== "enum") continue;
      const [enumName, values, prefix = ""] = f.T();
      blocks[`enum ${enumName}`] = Object.entries(values)
        .filter(([, number]) => typeof number === "number")
        .map(([local, number]) => `  ${number} ${prefix}${local}`);
    }
  }
  for (const s of services) {
    blocks[`service ${s.typeName}`] = s.methods.map((m) =>
      `  ${m.name} (${m.clientStreaming ? "stream " : ""}${m.I.typeName}) returns (${m.serverStreaming ? "stream " : ""}${m.O.typeName})`);
  }
  return { blocks };
}

const decode = (b) => Buffer.from(b, "base64");
const encode = (b) => Buffer.from(b).toString("base64");

function find(name) {
  const type = types.get(name);
  if (!type) throw new Error(`no message type ${name}`);
  return type;
}

function echo({ type: name, bytes, json }) {
  const type = find(name);
  const message = type.fromBinary(decode(bytes));
  const answer = { bytes: encode(type.toBinary(message)), json: type.toJson(message) };
  if (json !== undefined) answer.fromJson = encode(type.toBinary(type.fromJson(json)));
  return answer;
}

function create({ type: name, seed }) {
  const type = find(name);
  const message = randomMessage(type, seed);
  return { bytes: encode(type.toBinary(message)), json: type.toJson(message) };
}

const operations = { describe, echo, create };
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const request = JSON.parse(line);
    answer = operations[request.op](request);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
