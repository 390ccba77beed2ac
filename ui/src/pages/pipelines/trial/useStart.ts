import { useMemo } from "react";

import { PipelineDataFormat } from "../../../gen/protos/pipeline_pb";
import type { Operation } from "../../../live/model";
import { useSchemas } from "../../../parts/useSchemas";
import { sampleOf } from "./sample";
import { example, type Sample } from "./samples";

/** The sample to begin with: made up from the first known schema, or an example. Undefined until that is known. */
export function useStart(operations: readonly Operation[], format: PipelineDataFormat, wanted: boolean): Sample | undefined {
  const json = format !== PipelineDataFormat.PLAINTEXT;
  const asked = useSchemas(operations, wanted && json);
  return useMemo(() => {
    if (asked.state === "asking") return undefined;
    for (const { operation, text } of json && asked.state === "known" ? asked.value : []) {
      const sample = sampleOf(text);
      if (sample !== undefined) return { text: sample, source: `schema ${operation.key}` };
    }
    return example(format);
  }, [asked, format, json]);
}
