// The JSON form of a pipeline as people edit it: without what the server fills in.
import { fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";

import { type Pipeline, PipelineSchema } from "../../../gen/protos/pipeline_pb";
import { misfit } from "./syntax";

const filledByServer = ["id", "Paused", "NotificationConfigs", "CreatedAtUnixTsUtc", "UpdatedAtUnixTsUtc", "CreatedBy"];

/** The text in the editor. */
export function editableText(pipeline: Pipeline): string {
  const form = toJson(PipelineSchema, pipeline, { alwaysEmitImplicit: false }) as JsonObject;
  for (const field of filledByServer) delete form[field];
  for (const step of (form["steps"] ?? []) as JsonObject[]) {
    delete step["WasmBytes"];
    delete step["WasmFunction"];
    // A custom step chooses its module by this id; for all others the server does.
    if (!("custom" in step)) delete step["WasmId"];
  }
  const { name = "", dataFormat, steps = [], ...rest } = form;
  return format({ name, ...rest, ...(dataFormat === undefined ? {} : { dataFormat }), steps });
}

export function format(value: JsonValue): string {
  return JSON.stringify(value, null, 2);
}

export type Checked = { pipeline: Pipeline; problem?: undefined } | { pipeline?: undefined; problem: string; line?: number };

/** Reads the editor's text; a problem is a sentence for people. */
export function check(text: string): Checked {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    return syntaxProblem(text, error as SyntaxError);
  }
  try {
    return { pipeline: fromJson(PipelineSchema, value) };
  } catch (error) {
    return { problem: fieldProblem((error as Error).message) };
  }
}

function syntaxProblem(text: string, error: SyntaxError): Checked {
  const at = misfit(text);
  const line = text.slice(0, at).split("\n").length;
  if (at === text.length) return { problem: `Not valid JSON: it ends at line ${line}, and a bracket or quote is not closed.`, line };
  const reason = error.message
    .replace(/ in JSON at position.*$/s, "")
    .replace(/, \.{0,3}".*is not valid JSON$/s, "")
    .replace(/^JSON\.parse: /, "");
  return { problem: `Not valid JSON at line ${line}: ${reason}.`, line };
}

function fieldProblem(message: string): string {
  const unknown = /cannot decode message (\S+) from JSON: key "(.+)" is unknown/.exec(message);
  if (unknown) return `“${unknown[2]}” is not a field of ${unknown[1]!.replace("protos.", "")}.`;
  return message.replace(/^cannot decode (message|field|enum) protos\./, "Wrong value for ").replace(" from JSON", "") + ".";
}
