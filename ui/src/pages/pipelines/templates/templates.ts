// Pipelines for common jobs. A Go test builds each and runs it on its sample.
import { fromJson, type JsonValue } from "@bufbuild/protobuf";

import { type Pipeline, PipelineSchema } from "../../../gen/protos/pipeline_pb";
import { format } from "../editor/json";
import all from "./templates.json";

export interface Template {
  id: string;
  group: string;
  title: string;
  explanation: string;
  pipeline: Pipeline;
  /** The same as JSON. */
  text: string;
  /** A payload that shows what it does. */
  sample: string;
}

export const templates: readonly Template[] = all.map(({ pipeline, ...rest }) => ({
  ...rest,
  pipeline: fromJson(PipelineSchema, pipeline as JsonValue),
  text: format(pipeline as JsonValue),
}));

/** The names of the groups, in order. */
export const groups: readonly string[] = [...new Set(templates.map(({ group }) => group))];
