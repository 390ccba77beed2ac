import { useEffect, useRef, useState } from "react";

import type { Pipeline, PipelineStep } from "../../../gen/protos/pipeline_pb";
import type { StepCheck } from "../../../gen/streamdal/console/v1/console_pb";
import { useConsole } from "../../../live/context";
import { words } from "../../../live/words";

export interface Check {
  /** What the server says of a step; undefined until it said something. */
  of(step: PipelineStep): StepCheck | undefined;
  /** What is wrong with the pipeline as a whole; "" when nothing is. */
  problem: string;
  /** The answer is about an older state: the newest is being asked for. */
  pending: boolean;
  /** Why the server could not be asked. */
  failure?: string | undefined;
}

// Long enough for the next key, short enough to feel immediate.
const pause = 250;

/** Asks the server whether a pipeline could be saved, a moment after each change of the object. */
export function useCheck(pipeline: Pipeline): Check {
  const { console } = useConsole();
  // By the step's object, so that answers follow steps that move and leave steps that change.
  const known = useRef(new WeakMap<PipelineStep, StepCheck>());
  const [answer, setAnswer] = useState<{ about?: Pipeline; problem: string; failure?: string }>({ problem: "" });
  useEffect(() => {
    const stop = new AbortController();
    const ask = async () => {
      try {
        const { steps, problem } = await console.checkPipeline({ pipeline }, { signal: stop.signal });
        if (stop.signal.aborted) return;
        steps.forEach((check, i) => pipeline.steps[i] && known.current.set(pipeline.steps[i], check));
        setAnswer({ about: pipeline, problem });
      } catch (error) {
        if (!stop.signal.aborted) setAnswer({ about: pipeline, problem: "", failure: words(error) });
      }
    };
    const timer = setTimeout(() => void ask(), pause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [console, pipeline]);
  return {
    of: (step) => known.current.get(step),
    problem: answer.problem,
    pending: answer.about !== pipeline,
    failure: answer.failure,
  };
}
