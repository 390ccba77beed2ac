// External.GetAll over grpc-web with the page's cookie, read without the Console's own code.
import { BinaryReader } from "@bufbuild/protobuf/wire";

/** The server's assignments: audience key -> ordered [{id, paused}]. */
export async function getAll(page) {
  const answer = await page.evaluate(async () => {
    const headers = { "Content-Type": "application/grpc-web+proto", "X-Grpc-Web": "1" };
    const response = await fetch("/protos.External/GetAll", { method: "POST", headers, body: new Uint8Array(5) });
    const bytes = [...new Uint8Array(await response.arrayBuffer())];
    return { status: response.status, grpc: response.headers.get("grpc-status"), bytes };
  });
  if (answer.status !== 200) throw new Error(`GetAll: HTTP ${answer.status}`);
  if (answer.grpc !== null && answer.grpc !== "0") throw new Error(`GetAll: gRPC status ${answer.grpc}`);
  const bytes = Uint8Array.from(answer.bytes);
  // A frame is a flag byte, a length of four bytes, and a message.
  if (bytes[0] !== 0) throw new Error("GetAll: no message");
  const length = new DataView(bytes.buffer).getUint32(1);
  return readAnswer(bytes.subarray(5, 5 + length));
}

function readAnswer(bytes) {
  const configs = new Map();
  read(bytes, {
    4: (entry) => {
      let key = "";
      let list = [];
      read(entry.bytes(), { 1: (r) => (key = r.string()), 2: (r) => (list = readConfigs(r.bytes())) });
      configs.set(key, list);
    },
  });
  return configs;
}

function readConfigs(bytes) {
  const list = [];
  read(bytes, {
    1: (config) => {
      const one = { id: "", paused: false };
      read(config.bytes(), { 1: (r) => (one.id = r.string()), 2: (r) => (one.paused = r.bool()) });
      list.push(one);
    },
  });
  return list;
}

/** Calls the handler of each known field and skips the others. */
function read(bytes, handlers) {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (handlers[field]) handlers[field](reader);
    else reader.skip(type, field);
  }
}
