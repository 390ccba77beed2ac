// Answers the requests of a plan with V8, as the Node SDK calls modules. For
// each request it prints the SHA-256 of what the module asked its host and answered.
//
//   node run.mjs DIRECTORY      (which has plan.json and the files it names)
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const directory = process.argv[2];
const read = (name) => readFileSync(join(directory, name));
const plan = JSON.parse(read("plan.json"));

for (const run of plan.runs) {
  let hash, module;
  const place = (bytes) => {
    const at = module.alloc(bytes.length);
    new Uint8Array(module.memory.buffer, at, bytes.length).set(bytes);
    return at;
  };
  const take = (packed) => new Uint8Array(module.memory.buffer, Number(packed >> 32n), Number(packed & 0xffffffffn)).slice();
  const host = (answer) => (at, size) => {
    hash.update(new Uint8Array(module.memory.buffer, at, size));
    const bytes = Buffer.from(answer, "base64");
    return (BigInt(place(bytes)) << 32n) | BigInt(bytes.length);
  };
  const env = { kvExists: host(plan.kvExists), httpRequest: host(plan.httpRequest) };
  module = (await WebAssembly.instantiate(read(run.module), { env })).instance.exports;
  for (const name of run.requests) {
    hash = createHash("sha256");
    const request = read(name);
    try {
      hash.update(take(module.f(place(request), request.length)));
      console.log(hash.digest("hex"));
    } catch (e) {
      console.log(`trap: ${e.message}`);
    }
  }
}
