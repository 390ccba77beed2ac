// The arguments of detectives: what each type takes and what is wrong with them.
import { type DetectiveStep, DetectiveType } from "../../../gen/protos/steps/detective_pb";

export type Input = "none" | "text" | "texts" | "pattern" | "type" | "length" | "lengths" | "number" | "numbers";

const inputs = new Map<DetectiveType, Input>([
  [DetectiveType.IS_TYPE, "type"],
  [DetectiveType.STRING_CONTAINS_ANY, "texts"],
  [DetectiveType.STRING_CONTAINS_ALL, "texts"],
  [DetectiveType.STRING_EQUAL, "text"],
  [DetectiveType.REGEX, "pattern"],
  [DetectiveType.STRING_LENGTH_MIN, "length"],
  [DetectiveType.STRING_LENGTH_MAX, "length"],
  [DetectiveType.STRING_LENGTH_RANGE, "lengths"],
  [DetectiveType.NUMERIC_EQUAL_TO, "number"],
  [DetectiveType.NUMERIC_GREATER_THAN, "number"],
  [DetectiveType.NUMERIC_GREATER_EQUAL, "number"],
  [DetectiveType.NUMERIC_LESS_THAN, "number"],
  [DetectiveType.NUMERIC_LESS_EQUAL, "number"],
  [DetectiveType.NUMERIC_RANGE, "numbers"],
  [DetectiveType.NUMERIC_MIN, "number"],
  [DetectiveType.NUMERIC_MAX, "number"],
]);

export function inputOf(type: DetectiveType): Input {
  return inputs.get(type) ?? "none";
}

/** Names of IS_TYPE, with the words for people. */
export const typeNames = [
  ["string", "a text"],
  ["number", "a number"],
  ["boolean", "true or false"],
  ["object", "an object"],
  ["array", "a list"],
  ["null", "null"],
] as const;

export function needsPath(type: DetectiveType): boolean {
  return type === DetectiveType.HAS_FIELD || type === DetectiveType.IS_EMPTY || type === DetectiveType.IS_TYPE;
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const natural = /^\d+$/;

/** What is wrong with the arguments, as a sentence; undefined when nothing is. */
export function argsProblem({ type, args }: DetectiveStep): string | undefined {
  const [first = "", second = ""] = args;
  switch (inputOf(type)) {
    case "none":
      return undefined;
    case "text":
      return args.length === 1 ? undefined : "Say which text it shall equal.";
    case "texts":
      if (args.length === 0) return "Add at least one text.";
      return args.includes("") ? "An empty text is contained in everything: fill it in or remove it." : undefined;
    case "pattern":
      return first === "" ? "Write a regular expression." : undefined;
    case "type":
      return first === "" ? "Choose a type." : undefined;
    case "length":
      return natural.test(first) ? undefined : "Write the length as a whole number of bytes.";
    case "lengths":
      if (!natural.test(first) || !natural.test(second)) return "Write both lengths as whole numbers of bytes.";
      return ordered(first, second);
    case "number":
      return decimal.test(first) ? undefined : "Write a number, such as 10 or -0.5.";
    case "numbers":
      if (!decimal.test(first) || !decimal.test(second)) return "Write both ends as numbers, such as 10 or -0.5.";
      return ordered(first, second);
  }
}

function ordered(from: string, to: string): string | undefined {
  return Number(from) <= Number(to) ? undefined : "Nothing lies between these: the first is greater than the second.";
}
