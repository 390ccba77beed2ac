// The options of transforms. Which ones count is said by the type; others are kept until the type's own are changed.
import { create } from "@bufbuild/protobuf";

import {
  TransformDeleteFieldOptionsSchema,
  TransformExtractOptionsSchema,
  TransformMaskOptionsSchema,
  TransformObfuscateOptionsSchema,
  TransformReplaceValueOptionsSchema,
  type TransformStep,
  TransformTruncateOptionsSchema,
  TransformType,
} from "../../../gen/protos/steps/transform_pb";

type Options = Exclude<TransformStep["options"], { case: undefined }>;

/** The options that a type reads: those of the step, or empty ones. */
export function optionsOf({ type, options }: TransformStep): Options | undefined {
  const empty = emptyOptions(type);
  return empty && options.case === empty.case ? (options as Options) : empty;
}

function emptyOptions(type: TransformType): Options | undefined {
  switch (type) {
    case TransformType.REPLACE_VALUE:
      return { case: "replaceValueOptions", value: create(TransformReplaceValueOptionsSchema) };
    case TransformType.DELETE_FIELD:
      return { case: "deleteFieldOptions", value: create(TransformDeleteFieldOptionsSchema) };
    case TransformType.OBFUSCATE_VALUE:
      return { case: "obfuscateOptions", value: create(TransformObfuscateOptionsSchema) };
    case TransformType.MASK_VALUE:
      return { case: "maskOptions", value: create(TransformMaskOptionsSchema) };
    case TransformType.TRUNCATE_VALUE:
      return { case: "truncateOptions", value: create(TransformTruncateOptionsSchema) };
    case TransformType.EXTRACT:
      return { case: "extractOptions", value: create(TransformExtractOptionsSchema) };
    default:
      return undefined;
  }
}

/** Where it works, by its own options. */
export function pathsOf(step: TransformStep): readonly string[] {
  const options = optionsOf(step);
  if (!options) return [];
  return "paths" in options.value ? options.value.paths : [options.value.path];
}

/** Lets it work there; of several paths a type that takes one gets the first. */
export function withPaths(step: TransformStep, paths: readonly string[]): TransformStep {
  const options = optionsOf(step);
  if (!options) return step;
  if ("paths" in options.value) {
    const next = { case: options.case, value: { ...options.value, paths: [...paths] } } as Options;
    return { ...step, options: next };
  }
  return { ...step, options: { case: options.case, value: { ...options.value, path: paths[0] ?? "" } } as Options };
}

/** Whether it takes several paths. */
export function isPlural(type: TransformType): boolean {
  return type === TransformType.DELETE_FIELD || type === TransformType.EXTRACT;
}

/** Why a text is no JSON value that could stand in a payload; undefined when it is one. */
export function valueProblem(value: string): string | undefined {
  if (value.trim() === "") return "Write the value to put there.";
  try {
    JSON.parse(value);
    return undefined;
  } catch {
    return "This is not a JSON value. A text stands in quotes.";
  }
}
