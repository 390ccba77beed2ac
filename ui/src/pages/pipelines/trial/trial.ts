// What came of a tried pipeline, step by step, in words.
import { AbortCondition, type Pipeline, type PipelineStep, PipelineStepNotification_PayloadType as PayloadType } from "../../../gen/protos/pipeline_pb";
import type { StepTrial, TryPipelineResponse } from "../../../gen/streamdal/console/v1/console_pb";

export type Verdict = "matched" | "not matched" | "done" | "nothing done" | "error" | "not run";

export interface StepResult {
  step: PipelineStep;
  verdict: Verdict;
  /** The server's words, where they tell more than the verdict. */
  message: string;
  microseconds: number;
  /** Paths of what a detective found. */
  matches: string[];
  before: string;
  after: string;
  /** What the conditions of the step do then. */
  acts: string[];
  /** Whether the step asks something of its host, which nothing answers here. */
  unavailable: boolean;
  /** Whether a condition of the step ended the pipeline. */
  ended: boolean;
}

const utf8 = new TextDecoder();

// What a step says when there is nothing to say.
const routine = new Set(["completed detective run", "Successfully transformed payload"]);

/** The results of all steps, those that were not reached included. */
export function resultsOf(pipeline: Pipeline, payload: string, answer: TryPipelineResponse): StepResult[] {
  let before = payload;
  return pipeline.steps.map((step, i) => {
    const trial = answer.steps[i];
    if (!trial) return { ...notRun, step, before, after: before };
    // Of very large payloads only the last one is told.
    const after = trial.payload.length > 0 || before === "" ? utf8.decode(trial.payload) : before;
    const result = resultOf(step, trial, before, after, answer.aborted && i === answer.steps.length - 1);
    before = after;
    return result;
  });
}

const notRun = { verdict: "not run" as const, message: "", microseconds: 0, matches: [], acts: [], unavailable: false, ended: false };

function resultOf(step: PipelineStep, trial: StepTrial, before: string, after: string, ended: boolean): StepResult {
  return {
    step,
    verdict: verdictOf(step, trial.verdict),
    message: routine.has(trial.message) ? "" : trial.message,
    microseconds: Number(trial.nanoseconds) / 1_000,
    matches: trial.matches,
    before,
    after,
    acts: actsOf(step, trial.verdict),
    // A request has no answer here at all; a look-up may fail before it is asked.
    unavailable: step.step.case === "httpRequest" || (step.step.case === "kv" && trial.message.includes("not available here")),
    ended,
  };
}

function verdictOf(step: PipelineStep, verdict: string): Verdict {
  const judges = step.step.case !== "transform" && step.step.case !== "inferSchema";
  if (verdict === "true") return judges ? "matched" : "done";
  if (verdict === "false") return judges ? "not matched" : "nothing done";
  return "error";
}

/** What the conditions of a step do after a verdict. */
export function actsOf(step: PipelineStep, verdict: string): string[] {
  const conditions = verdict === "true" ? step.onTrue : verdict === "false" ? step.onFalse : step.onError;
  if (!conditions) return [];
  const { abort, metadata, notification } = conditions;
  const acts: string[] = [];
  if (abort === AbortCondition.ABORT_CURRENT) acts.push("aborts this pipeline");
  if (abort === AbortCondition.ABORT_ALL) acts.push("aborts all pipelines of the operation");
  const pairs = Object.entries(metadata).map(([key, value]) => `${key} = ${value}`);
  if (pairs.length > 0) acts.push(`adds metadata ${pairs.join(", ")}`);
  if (notification && notification.notificationConfigIds.length > 0) acts.push(`would notify${withPayload[notification.payloadType] ?? ""}`);
  return acts;
}

const withPayload: Partial<Record<PayloadType, string>> = {
  [PayloadType.FULL_PAYLOAD]: " with the payload",
  [PayloadType.SELECT_PATHS]: " with some fields",
};

/** A time that is easy to read: "4 µs", "1.2 ms". */
export function took(microseconds: number): string {
  if (microseconds < 1) return "< 1 µs";
  if (microseconds < 1_000) return `${Math.round(microseconds)} µs`;
  return `${(microseconds / 1_000).toFixed(1)} ms`;
}
