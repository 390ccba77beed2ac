import { toJsonString } from "@bufbuild/protobuf";
import { useEffect, useMemo, useState } from "react";

import { type Pipeline, PipelineSchema } from "../../../gen/protos/pipeline_pb";
import type { TryPipelineResponse } from "../../../gen/streamdal/console/v1/console_pb";
import { useConsole } from "../../../live/context";
import { words } from "../../../live/words";

export interface Trial {
  /** The newest answer, which may be of an earlier pipeline or payload. */
  answer: TryPipelineResponse | undefined;
  /** What was tried. */
  pipeline: Pipeline | undefined;
  payload: string;
  /** Why the newest request failed. */
  failure: string | undefined;
  /** Whether something newer is on its way. */
  running: boolean;
}

// Long enough to type on, short enough to feel at once.
const pause = 300;
const none: Trial = { answer: undefined, pipeline: undefined, payload: "", failure: undefined, running: false };

/** Tries a pipeline on a payload on the server, again when either changes; not without a pipeline. */
export function useTrial(pipeline: Pipeline | undefined, payload: string): Trial {
  const { console } = useConsole();
  const [trial, setTrial] = useState(none);
  // The same rules may come as another object, each time that the page hears something from the server.
  const rules = useMemo(() => pipeline && keyOf(pipeline), [pipeline]);
  useEffect(() => {
    if (!pipeline) {
      setTrial(none);
      return;
    }
    const stop = new AbortController();
    setTrial((now) => ({ ...now, running: true }));
    const ask = async () => {
      try {
        const answer = await console.tryPipeline({ pipeline, payload: new TextEncoder().encode(payload) }, { signal: stop.signal });
        if (!stop.signal.aborted) setTrial({ answer, pipeline, payload, failure: undefined, running: false });
      } catch (error) {
        if (!stop.signal.aborted) setTrial((now) => ({ ...now, failure: words(error), running: false }));
      }
    };
    const timer = setTimeout(() => void ask(), pause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [console, rules, payload]);
  return trial;
}

function keyOf(pipeline: Pipeline): string {
  try {
    return toJsonString(PipelineSchema, pipeline);
  } catch (error) {
    // A number that has no place on the wire, for example. Sending it fails with the same words.
    return (error as Error).message;
  }
}
