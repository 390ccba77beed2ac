// Changes of a draft. Each gives a new draft; steps that it does not touch stay the same objects.
import { clone, equals } from "@bufbuild/protobuf";

import { type Pipeline, PipelineSchema, type PipelineStep, PipelineStepSchema } from "../../../gen/protos/pipeline_pb";
import type { Draft } from "../../../live/drafts";

/** A draft that changes nothing yet. Steps of equal pipelines get equal keys. */
export function begin(pipeline: Pipeline, base?: Pipeline): Draft {
  return { pipeline, keys: pipeline.steps.map((_, i) => `saved-${i}`), base };
}

/** What people cannot change and the server fills in is taken off. */
export function essence(pipeline: Pipeline): Pipeline {
  const plain = clone(PipelineSchema, pipeline);
  plain.id = "";
  plain.NotificationConfigs = [];
  for (const field of ["Paused", "CreatedAtUnixTsUtc", "UpdatedAtUnixTsUtc", "CreatedBy"] as const) plain[field] = undefined;
  for (const step of plain.steps) {
    if (step.step.case !== "custom") step.WasmId = undefined;
    step.WasmBytes = undefined;
    step.WasmFunction = undefined;
  }
  return plain;
}

/** The pipeline as a new one, under a name of its own. */
export function copyOf(pipeline: Pipeline): Pipeline {
  return { ...essence(pipeline), name: `Copy of ${pipeline.name}` };
}

/** Whether two pipelines are the same to people. */
export function alike(a: Pipeline, b: Pipeline): boolean {
  return a === b || equals(PipelineSchema, essence(a), essence(b));
}

/** Whether it has something to save. */
export function isChanged({ pipeline, base, text }: Draft): boolean {
  return text !== undefined || base === undefined || !alike(pipeline, base);
}

export function changePipeline(draft: Draft, change: Partial<Pick<Pipeline, "name" | "Description" | "Version" | "Url" | "dataFormat">>): Draft {
  return withPipeline(draft, { ...draft.pipeline, ...change });
}

export function changeStep(draft: Draft, key: string, change: (step: PipelineStep) => PipelineStep): Draft {
  const at = draft.keys.indexOf(key);
  if (at < 0) return draft;
  return withPipeline(draft, { ...draft.pipeline, steps: draft.pipeline.steps.with(at, change(draft.pipeline.steps[at]!)) });
}

/** Adds a step at a place. The key of the new step is keys[place] afterwards. */
export function insertStep(draft: Draft, step: PipelineStep, place: number): Draft {
  const { pipeline, keys } = draft;
  return withPipeline(draft, { ...pipeline, steps: pipeline.steps.toSpliced(place, 0, step) }, keys.toSpliced(place, 0, freshKey(keys)));
}

export function duplicateStep(draft: Draft, key: string): Draft {
  const at = draft.keys.indexOf(key);
  if (at < 0) return draft;
  return insertStep(draft, clone(PipelineStepSchema, draft.pipeline.steps[at]!), at + 1);
}

export function removeStep(draft: Draft, key: string): Draft {
  const { pipeline, keys } = draft;
  const at = keys.indexOf(key);
  if (at < 0) return draft;
  return withPipeline(draft, { ...pipeline, steps: pipeline.steps.toSpliced(at, 1) }, keys.toSpliced(at, 1));
}

export function moveStep(draft: Draft, key: string, place: number): Draft {
  const { pipeline, keys } = draft;
  const at = keys.indexOf(key);
  if (at < 0 || place < 0 || place >= keys.length) return draft;
  const moved = <T>(list: readonly T[]) => list.toSpliced(at, 1).toSpliced(place, 0, list[at]!);
  return withPipeline(draft, { ...pipeline, steps: moved(pipeline.steps) }, moved(keys));
}

/** Takes what the JSON view says. What it does not show stays as it was. */
export function applyShown(draft: Draft, shown: Pipeline): Draft {
  const { pipeline, keys } = draft;
  const steps = shown.steps.map((step, i) => {
    const before = pipeline.steps[i];
    return before && equals(PipelineStepSchema, step, shownStep(before)) ? before : step;
  });
  const { id, Paused, NotificationConfigs, CreatedAtUnixTsUtc, UpdatedAtUnixTsUtc, CreatedBy } = pipeline;
  const kept = { id, Paused, NotificationConfigs, CreatedAtUnixTsUtc, UpdatedAtUnixTsUtc, CreatedBy };
  const nextKeys = keys.slice(0, steps.length);
  while (nextKeys.length < steps.length) nextKeys.push(freshKey([...keys, ...nextKeys]));
  return withPipeline(draft, { ...shown, ...kept, steps }, nextKeys);
}

function shownStep(step: PipelineStep): PipelineStep {
  const { WasmId } = step;
  return { ...step, WasmId: step.step.case === "custom" ? WasmId : undefined, WasmBytes: undefined, WasmFunction: undefined };
}

function withPipeline({ base, keys: before }: Draft, pipeline: Pipeline, keys: readonly string[] = before): Draft {
  return { pipeline, keys, base };
}

/** A key that no step has. */
function freshKey(keys: readonly string[]): string {
  for (let n = keys.length; ; n++) if (!keys.includes(`new-${n}`)) return `new-${n}`;
}
