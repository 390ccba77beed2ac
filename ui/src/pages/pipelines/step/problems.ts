// What is wrong with a step before the server is asked. Only what it needs to do anything at all.
import { PipelineDataFormat, type PipelineStep, type PipelineStepConditions, PipelineStepNotification_PayloadType as PayloadType } from "../../../gen/protos/pipeline_pb";
import { HttpRequestMethod, type HttpRequestStep } from "../../../gen/protos/steps/http_request_pb";
import { SchemaValidationCondition, type SchemaValidationStep } from "../../../gen/protos/steps/schema_validation_pb";
import { type TransformStep, TransformType } from "../../../gen/protos/steps/transform_pb";
import type { Draft } from "../../../live/drafts";
import { argsProblem, needsPath } from "./args";
import { textOf } from "./bytes";
import { isPlural, optionsOf, pathsOf, valueProblem } from "./transform";

/** The field that a problem is about. */
export type Place = "kind" | "path" | "args" | "value" | "amount" | "url" | "method" | "key" | "schema" | "condition" | "module" | "onTrue" | "onFalse" | "onError";

export type Problems = Partial<Record<Place, string>>;

export function problemsOf(step: PipelineStep, plain: boolean): Problems {
  const problems: Problems = { ...ruleProblems(step, plain) };
  for (const when of ["onTrue", "onFalse", "onError"] as const) set(problems, when, conditionsProblem(step[when]));
  return problems;
}

/** The first problem of a step as a sentence. */
export function firstProblem(problems: Problems): string | undefined {
  return Object.values(problems)[0];
}

/** The place of the first step that keeps a draft from being saved; -1 when none does. What was saved as it is may be saved again. */
export function blockerOf({ pipeline, base }: Draft, refused: (step: PipelineStep) => boolean): number {
  const plain = pipeline.dataFormat === PipelineDataFormat.PLAINTEXT;
  return pipeline.steps.findIndex((step) => refused(step) || (!base?.steps.includes(step) && firstProblem(problemsOf(step, plain)) !== undefined));
}

function set(problems: Problems, place: Place, problem: string | undefined): void {
  if (problem !== undefined) problems[place] = problem;
}

function ruleProblems({ step, dynamic, WasmId }: PipelineStep, plain: boolean): Problems {
  const problems: Problems = {};
  switch (step.case) {
    case undefined:
      problems.kind = "Choose what the step does.";
      break;
    case "detective":
      if (step.value.type === 0) problems.kind = "Choose what it looks for.";
      if (needsPath(step.value.type) && !step.value.path) problems.path = "Say where to look.";
      set(problems, "args", argsProblem(step.value));
      break;
    case "transform":
      return transformProblems(step.value, dynamic, plain);
    case "httpRequest":
      return httpProblems(step.value);
    case "kv":
      if (step.value.key === "") problems.key = "Write a key.";
      break;
    case "schemaValidation":
      return schemaProblems(step.value);
    case "custom":
      if (!WasmId) problems.module = "Choose a module.";
      break;
    default:
  }
  return problems;
}

function transformProblems(step: TransformStep, dynamic: boolean, plain: boolean): Problems {
  const problems: Problems = {};
  const paths = pathsOf(step);
  if (step.type === TransformType.UNKNOWN) problems.kind = "Choose what it changes.";
  if (!dynamic && step.type !== TransformType.UNKNOWN) {
    if (paths.length === 0 || (!isPlural(step.type) && paths[0] === "")) problems.path = "Say what to change.";
    else if (paths.includes("")) problems.path = "A path is empty: fill it in or remove it.";
  }
  const options = optionsOf(step);
  if (options?.case === "replaceValueOptions" && !plain) set(problems, "value", valueProblem(options.value.value));
  if (options?.case === "truncateOptions" && options.value.value < 1) problems.amount = "Write a whole number from 1.";
  return problems;
}

function httpProblems({ request }: HttpRequestStep): Problems {
  const problems: Problems = {};
  if (!request?.url) problems.url = "Write the address to call.";
  else if (!URL.canParse(request.url)) problems.url = "This is not an address. It begins with https:// or http://.";
  if (!request || request.method === HttpRequestMethod.UNSET) problems.method = "Choose a method.";
  return problems;
}

function schemaProblems({ condition, options }: SchemaValidationStep): Problems {
  const problems: Problems = {};
  const text = options.case === "jsonSchema" ? textOf(options.value.jsonSchema) : "";
  if (condition === SchemaValidationCondition.UNKNOWN) problems.condition = "Choose whether it shall match.";
  if (text === "") problems.schema = "Write a JSON schema.";
  else if (text !== undefined) {
    try {
      JSON.parse(text);
    } catch (error) {
      problems.schema = `The schema is not valid JSON: ${(error as Error).message}.`;
    }
  }
  return problems;
}

function conditionsProblem(conditions: PipelineStepConditions | undefined): string | undefined {
  const notification = conditions?.notification;
  if (!notification || notification.notificationConfigIds.length === 0) return undefined;
  if (notification.payloadType !== PayloadType.SELECT_PATHS) return undefined;
  if (notification.paths.length === 0) return "Say which paths of the payload to send.";
  return notification.paths.includes("") ? "A path to send is empty: fill it in or remove it." : undefined;
}
