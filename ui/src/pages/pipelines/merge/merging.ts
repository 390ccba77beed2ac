// Two changes of one pipeline, and what can become of them.
import { create } from "@bufbuild/protobuf";

import { type Pipeline, PipelineDataFormat, PipelineSchema, type PipelineStep } from "../../../gen/protos/pipeline_pb";
import { matchAdded, matchSteps, stepText } from "./match";

export type Side = "mine" | "theirs";

/** Who changed a part: nobody, one of both, both in the same way, or both in different ways. */
export type Change = "none" | Side | "same" | "conflict";

/** A step in all three pipelines. Where it is undefined it is not there, or not there any more. */
export interface StepPart {
  key: string;
  change: Change;
  base: PipelineStep | undefined;
  mine: PipelineStep | undefined;
  theirs: PipelineStep | undefined;
}

type Named = "name" | "Description" | "dataFormat" | "Version" | "Url";

/** A field of the pipeline itself in all three, as text. */
export interface FieldPart {
  key: Named;
  label: string;
  change: Change;
  base: string;
  mine: string;
  theirs: string;
}

export interface Merging {
  mine: Pipeline;
  theirs: Pipeline;
  fields: FieldPart[];
  /** All steps of all three. */
  steps: StepPart[];
  /** Who put steps in another order. */
  order: Change;
}

/** By the key of a part, or "order". */
export type Picks = Readonly<Record<string, Side>>;

/** What both sides made of the pipeline that both began with. */
export function mergingOf(base: Pipeline, mine: Pipeline, theirs: Pipeline): Merging {
  const steps = stepParts(base, mine, theirs);
  return { mine, theirs, fields: fieldParts(base, mine, theirs), steps, order: orderChange(base, mine, theirs, steps) };
}

/** The keys of what nobody but a person can decide. */
export function conflictsOf({ fields, steps, order }: Merging): string[] {
  const parts = [...fields, ...steps].filter(({ change }) => change === "conflict").map(({ key }) => key as string);
  return order === "conflict" ? [...parts, "order"] : parts;
}

/** The merged pipeline. Where nothing is picked, the side that changed something wins; in a conflict, mine. */
export function merged(merging: Merging, picks: Picks = {}): Pipeline {
  const { theirs, fields } = merging;
  const steps = sequence(merging, picks).flatMap((part) => part[sideOf(part.change, picks[part.key])] ?? []);
  const pipeline = create(PipelineSchema, { ...theirs, steps });
  for (const part of fields) {
    const side = merging[sideOf(part.change, picks[part.key])];
    Object.assign(pipeline, { [part.key]: side[part.key] });
  }
  return pipeline;
}

/** One side as it is, in the place of the other. */
export function only(merging: Merging, side: Side): Pipeline {
  const { mine, theirs } = merging;
  if (side === "theirs") return theirs;
  const { name, Description, dataFormat, Version, Url, steps } = mine;
  return create(PipelineSchema, { ...theirs, name, Description, dataFormat, Version, Url, steps });
}

export function sideOf(change: Change, pick: Side | undefined): Side {
  return pick ?? (change === "theirs" ? "theirs" : "mine");
}

const labels: readonly (readonly [Named, string])[] = [
  ["name", "Name"],
  ["Description", "Description"],
  ["dataFormat", "Messages"],
  ["Version", "Version"],
  ["Url", "Address"],
];

function fieldParts(base: Pipeline, mine: Pipeline, theirs: Pipeline): FieldPart[] {
  return labels.map(([key, label]) => {
    const [b, m, t] = [base, mine, theirs].map((one) => textOf(one, key)) as [string, string, string];
    return { key, label, base: b, mine: m, theirs: t, change: changeOf(b, m, t) };
  });
}

function textOf(pipeline: Pipeline, key: Named): string {
  if (key !== "dataFormat") return pipeline[key] ?? "";
  // Without a format messages are taken for JSON.
  return pipeline.dataFormat === PipelineDataFormat.PLAINTEXT ? "plain text" : "JSON";
}

function changeOf(base: string | undefined, mine: string | undefined, theirs: string | undefined): Change {
  if (mine === theirs) return mine === base ? "none" : "same";
  if (mine === base) return "theirs";
  return theirs === base ? "mine" : "conflict";
}

function stepParts(base: Pipeline, mine: Pipeline, theirs: Pipeline): StepPart[] {
  const ofMine = matchSteps(mine.steps, base.steps);
  const ofTheirs = matchSteps(theirs.steps, base.steps);
  const known = base.steps.map((step, i) => part(`step ${i}`, step, mine.steps[ofMine.indexOf(i)], theirs.steps[ofTheirs.indexOf(i)]));
  const added = (steps: readonly PipelineStep[], found: number[]) => steps.filter((_, i) => found[i] === -1);
  const addedByMe = added(mine.steps, ofMine);
  const addedByThem = added(theirs.steps, ofTheirs);
  const both = matchAdded(addedByMe, addedByThem);
  return [
    ...known,
    ...addedByMe.map((step, i) => part(`mine ${i}`, undefined, step, addedByThem[both[i]!])),
    ...addedByThem.flatMap((step, i) => (both.includes(i) ? [] : [part(`theirs ${i}`, undefined, undefined, step)])),
  ];
}

function part(key: string, base: PipelineStep | undefined, mine: PipelineStep | undefined, theirs: PipelineStep | undefined): StepPart {
  const text = (step: PipelineStep | undefined) => step && stepText(step);
  return { key, base, mine, theirs, change: changeOf(text(base), text(mine), text(theirs)) };
}

/** The parts of one pipeline in its order. */
function inOrder(pipeline: Pipeline, parts: readonly StepPart[], side: Side | "base"): StepPart[] {
  return pipeline.steps.flatMap((step) => parts.find((one) => one[side] === step) ?? []);
}

function orderChange(base: Pipeline, mine: Pipeline, theirs: Pipeline, parts: readonly StepPart[]): Change {
  const everywhere = parts.filter((one) => one.base && one.mine && one.theirs);
  const keys = (pipeline: Pipeline, side: Side | "base") =>
    inOrder(pipeline, everywhere, side)
      .map(({ key }) => key)
      .join();
  return changeOf(keys(base, "base"), keys(mine, "mine"), keys(theirs, "theirs"));
}

/** All parts in the order of the result. What only the other side has stands behind what it stands behind there. */
function sequence({ mine, theirs, steps, order }: Merging, picks: Picks): StepPart[] {
  const ofMine = inOrder(mine, steps, "mine");
  const ofTheirs = inOrder(theirs, steps, "theirs");
  const first = sideOf(order, picks["order"]) === "mine";
  const result = first ? ofMine : ofTheirs;
  let before: StepPart | undefined;
  for (const one of first ? ofTheirs : ofMine) {
    if (!result.includes(one)) result.splice(before ? result.indexOf(before) + 1 : 0, 0, one);
    before = one;
  }
  return result;
}
