// Pipelines as files: what is written, and what is read from what people have.
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

import type { Pipeline, PipelineStepConditions } from "../../../gen/protos/pipeline_pb";
import type { PipelineUse } from "../../../live/model";
import { count } from "../../../parts/text";
import { check, editableText, format } from "../editor/json";

/** A pipeline as a file: the JSON view with the id, by which it is known again. */
export function fileOf(pipeline: Pipeline): string {
  return format(formOf(pipeline)) + "\n";
}

/** Several as one file, in the form of GET /api/v1/config. */
export function fileOfAll(pipelines: readonly Pipeline[]): string {
  return format({ pipelines: pipelines.map(formOf) }) + "\n";
}

/** A name for the file that all systems take. */
export function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${plain || "pipeline"}.json`;
}

function formOf(pipeline: Pipeline): JsonValue {
  return { id: pipeline.id, ...(JSON.parse(editableText(pipeline)) as JsonObject) };
}

/** A pipeline that was read, or why it could not be. */
export type Entry = { pipeline: Pipeline; problem?: undefined } | { pipeline?: undefined; name: string; problem: string };

/** Reads a file of one pipeline, of a list of them, or of a whole configuration. A text that is neither throws. */
export function entriesOf(text: string): Entry[] {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    // It says where the mistake is.
    throw new Error(check(text).problem);
  }
  const all = listOf(value);
  if (all.length === 0) throw new Error("There are no pipelines in it.");
  return all.map(entryOf);
}

const otherParts: readonly (readonly [string, string])[] = [
  ["audiences", "operations"],
  ["audienceMappings", "assignments"],
  ["audience_mappings", "assignments"],
  ["notifications", "notifications"],
  ["wasmModules", "Wasm modules"],
  ["wasm_modules", "Wasm modules"],
];

/** What else a whole configuration has: "2 notifications". An import leaves it. */
export function othersIn(text: string): string[] {
  const value = JSON.parse(text) as JsonValue;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return otherParts.flatMap(([field, name]) => {
    const part = value[field];
    const n = typeof part === "object" && part !== null ? Object.keys(part).length : 0;
    return n > 0 ? [count(n, name.replace(/s$/, ""))] : [];
  });
}

function listOf(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) throw new Error("It holds neither a pipeline nor a list of them.");
  if (Array.isArray(value["pipelines"])) return value["pipelines"];
  if ("steps" in value || "name" in value) return [value];
  throw new Error("It holds neither a pipeline (with “steps”) nor “pipelines”.");
}

function entryOf(value: JsonValue, i: number): Entry {
  const read = check(JSON.stringify(value));
  if (read.problem !== undefined) return { name: nameOf(value) || `number ${i + 1}`, problem: read.problem };
  const { pipeline } = read as { pipeline: Pipeline };
  if (pipeline.name.trim() === "") return { name: `number ${i + 1}`, problem: "It has no name." };
  return { pipeline };
}

function nameOf(value: JsonValue): string {
  const name = typeof value === "object" && value !== null && !Array.isArray(value) ? value["name"] : undefined;
  return typeof name === "string" ? name : "";
}

export type Choice = "create" | "replace" | "skip";

/** What a file says of one pipeline, beside what the server has. */
export interface Item {
  key: string;
  name: string;
  /** Undefined when it could not be read. */
  pipeline?: Pipeline;
  problem?: string;
  /** The pipeline on the server with its id, or else with its name. */
  known?: PipelineUse;
  /** Whether the server has it just so. */
  same: boolean;
}

/** The items of some entries. Entries come from several files, so one pipeline may come twice: the later is refused. */
export function itemsOf(entries: readonly Entry[], pipelines: readonly PipelineUse[]): Item[] {
  const taken = new Set<string>();
  return entries.map((entry, i) => {
    const key = String(i);
    if (!entry.pipeline) return { key, name: entry.name, problem: entry.problem, same: false };
    const { pipeline } = entry;
    const known = knownAs(pipeline, pipelines);
    const id = known?.pipeline.id || pipeline.id;
    if (id !== "" && taken.has(id)) return { key, name: pipeline.name, problem: "It comes twice; the first one is taken.", same: false };
    if (id !== "") taken.add(id);
    const same = known !== undefined && editableText(known.pipeline) === editableText(pipeline);
    return { key, name: pipeline.name, pipeline, ...(known ? { known } : {}), same };
  });
}

function knownAs({ id, name }: Pipeline, pipelines: readonly PipelineUse[]): PipelineUse | undefined {
  return pipelines.find(({ pipeline }) => id !== "" && pipeline.id === id) ?? pipelines.find(({ pipeline }) => pipeline.name === name);
}

/** What is proposed for an item. */
export function proposalFor({ pipeline, known, same }: Item): Choice {
  if (!pipeline || same) return "skip";
  return known ? "replace" : "create";
}

/** What to save for an item; a replacement says what it replaces, so that it cannot undo what somebody else does meanwhile. */
export function requestFor({ pipeline, known }: Item, choice: Choice): { pipeline: Pipeline; seen?: Pipeline } {
  if (choice === "replace" && known) return { pipeline: { ...pipeline!, id: known.pipeline.id }, seen: known.pipeline };
  // The id of one that exists cannot be given to another.
  return { pipeline: known ? { ...pipeline!, id: "" } : pipeline! };
}

/** The ids of notifications that a pipeline sends. */
export function notificationsOf({ steps }: Pipeline): Set<string> {
  const conditions = steps.flatMap(({ onTrue, onFalse, onError }) => [onTrue, onFalse, onError]);
  return new Set(conditions.flatMap((one: PipelineStepConditions | undefined) => one?.notification?.notificationConfigIds ?? []));
}
