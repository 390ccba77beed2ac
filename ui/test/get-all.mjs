// External.GetAll, read without the Console's own code.
import { BinaryReader } from "@bufbuild/protobuf/wire";

import { call } from "./grpc-web.mjs";

/** The server's assignments: audience key -> ordered [{id, paused}]. */
export async function getAll(page) {
  return readAnswer(await call(page, "protos.External/GetAll"));
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
