import type { Pipeline } from "../../gen/protos/pipeline_pb";
import type { WasmModule } from "../../gen/protos/shared/shared_pb";
import type { PipelineUse } from "../../live/model";

/** Pipelines with a step that runs the module. */
export function usersOf(id: string, pipelines: Iterable<PipelineUse>): Pipeline[] {
  return [...pipelines].map(({ pipeline }) => pipeline).filter(({ steps }) => steps.some((step) => step.WasmId === id));
}

/** When it was last changed, in milliseconds since 1970; 0 when not known. */
export function changedAt({ CreatedAtUnixTsNsUtc, UpdatedAtUnixTsNsUtc }: WasmModule): number {
  return Number((UpdatedAtUnixTsNsUtc ?? CreatedAtUnixTsNsUtc ?? 0n) / 1_000_000n);
}

const magic = [0x00, 0x61, 0x73, 0x6d];

/** Why a file cannot be a module; undefined when it may be one. The server judges it in the end. */
export function notModule(bytes: Uint8Array): string | undefined {
  if (magic.every((byte, i) => bytes[i] === byte)) return undefined;
  return "This is not a WebAssembly module: it does not begin with the four bytes that every module begins with.";
}

/** A name made of what names may have, from the name of a file. */
export function nameOf(file: string): string {
  return file.replace(/\.wasm$/i, "").replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "");
}
