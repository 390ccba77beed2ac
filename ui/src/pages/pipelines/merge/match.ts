// Which step of one list is which of another. Steps have no ids.
import { type JsonObject, toJson } from "@bufbuild/protobuf";

import { type PipelineStep, PipelineStepSchema } from "../../../gen/protos/pipeline_pb";

/** A step as people write it, without what the server fills in. Equal texts are equal steps. */
export function stepText(step: PipelineStep): string {
  const form = toJson(PipelineStepSchema, step) as JsonObject;
  delete form["WasmBytes"];
  delete form["WasmFunction"];
  if (step.step.case !== "custom") delete form["WasmId"];
  return JSON.stringify(form, null, 2);
}

/** For each step of a list the place in another list of the step that it was, or is; -1 for none. */
export function matchSteps(steps: readonly PipelineStep[], others: readonly PipelineStep[]): number[] {
  return match(steps, others, [stepText, nameAndKind, nameOf, kindOf]);
}

/** The same for steps that nothing but their names and texts can relate, such as those that two people added. */
export function matchAdded(steps: readonly PipelineStep[], others: readonly PipelineStep[]): number[] {
  return match(steps, others, [stepText, nameAndKind]);
}

type Trait = (step: PipelineStep) => string;

/** Steps that share the first trait are matched first; of several the nearest. A trait that is "" matches nothing. */
function match(steps: readonly PipelineStep[], others: readonly PipelineStep[], traits: readonly Trait[]): number[] {
  const found = steps.map(() => -1);
  const free = new Set(others.keys());
  for (const trait of traits) {
    const theirs = others.map(trait);
    steps.forEach((step, i) => {
      const mine = trait(step);
      if (found[i] !== -1 || mine === "") return;
      const [nearest] = [...free].filter((j) => theirs[j] === mine).sort((a, b) => Math.abs(a - i) - Math.abs(b - i));
      if (nearest === undefined) return;
      found[i] = nearest;
      free.delete(nearest);
    });
  }
  return found;
}

function nameOf({ name }: PipelineStep): string {
  return name;
}

function kindOf({ step }: PipelineStep): string {
  return `${step.case} ${step.value && "type" in step.value ? step.value.type : ""}`;
}

function nameAndKind(step: PipelineStep): string {
  return step.name === "" ? "" : `${kindOf(step)} ${step.name}`;
}
