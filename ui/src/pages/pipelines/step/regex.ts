import { create } from "@bufbuild/protobuf";

import { type Pipeline, PipelineDataFormat, PipelineSchema } from "../../../gen/protos/pipeline_pb";
import { DetectiveType } from "../../../gen/protos/steps/detective_pb";
import type { TryPipelineResponse } from "../../../gen/streamdal/console/v1/console_pb";

/** A pipeline that tests every value of a payload with a pattern. */
export function regexPipeline(pattern: string, negate: boolean): Pipeline {
  return create(PipelineSchema, {
    name: "regex",
    dataFormat: PipelineDataFormat.JSON,
    steps: [{ name: "regex", step: { case: "detective", value: { type: DetectiveType.REGEX, args: [pattern], negate } } }],
  });
}

/** A payload whose members are the samples; their names are their numbers. */
export function samplePayload(samples: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(samples.map((sample, i) => [String(i), sample])));
}

export interface RegexAnswer {
  /** Whether each of the samples matches. */
  matches: ReadonlyMap<string, boolean>;
  /** Why the pattern cannot be used, in the server's words. */
  problem: string | undefined;
}

/** What an answer says about the samples of a payload. */
export function regexAnswer({ problem, steps }: TryPipelineResponse, payload: string): RegexAnswer {
  const [step] = steps;
  const wrong = problem || (step?.verdict === "error" ? step.message : "");
  if (wrong !== "" || !step) return { matches: new Map(), problem: wrong.replace(/^step 1 "regex": /, "") || undefined };
  const matched = new Set(step.verdict === "true" ? step.matches : []);
  const samples = Object.entries(JSON.parse(payload) as Record<string, string>);
  return { matches: new Map(samples.map(([name, sample]) => [sample, matched.has(name)])), problem: undefined };
}
