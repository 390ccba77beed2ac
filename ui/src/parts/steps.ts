// Pipeline steps in people's words. The wire names are in the JSON view.
import type { Pipeline, PipelineStep } from "../gen/protos/pipeline_pb";
import { type DetectiveStep, DetectiveType } from "../gen/protos/steps/detective_pb";
import { type TransformStep, TransformTruncateType, TransformType } from "../gen/protos/steps/transform_pb";
import { count } from "./text";

/** One short sentence about what a step does. */
export function describeStep(step: PipelineStep): string {
  switch (step.step.case) {
    case "detective":
      return describeDetective(step.step.value);
    case "transform":
      return describeTransform(step.step.value, step.dynamic);
    case "httpRequest":
      return "Call " + (step.step.value.request?.url || "a web address");
    case "kv":
      return "Look up key " + quote(step.step.value.key);
    case "schemaValidation":
      return "Check the payload against a JSON schema";
    case "validJson":
      return "Check that the payload is valid JSON";
    case "inferSchema":
      return "Infer the schema";
    case "custom":
      return "Run a custom Wasm module";
    case "encode":
      return "Encode";
    case "decode":
      return "Decode";
    default:
      return "Do nothing";
  }
}

/** All steps in one line. */
export function summarize(pipeline: Pipeline): string {
  return pipeline.steps.map(describeStep).join(" → ") || "No steps yet";
}

export type StepKind = "detect" | "change" | "check" | "call";

export function kindOf(step: PipelineStep): StepKind {
  switch (step.step.case) {
    case "transform":
      return "change";
    case "httpRequest":
    case "custom":
      return "call";
    case "schemaValidation":
    case "validJson":
      return "check";
    default:
      return "detect";
  }
}

const checks = new Map<DetectiveType, (args: string) => string>([
  [DetectiveType.IS_EMPTY, () => "is empty"],
  [DetectiveType.HAS_FIELD, () => "is present"],
  [DetectiveType.IS_TYPE, (a) => `is a ${a}`],
  [DetectiveType.STRING_CONTAINS_ANY, (a) => `contains any of ${a}`],
  [DetectiveType.STRING_CONTAINS_ALL, (a) => `contains all of ${a}`],
  [DetectiveType.STRING_EQUAL, (a) => `equals ${a}`],
  [DetectiveType.REGEX, (a) => `matches /${a}/`],
  [DetectiveType.BOOLEAN_TRUE, () => "is true"],
  [DetectiveType.BOOLEAN_FALSE, () => "is false"],
  [DetectiveType.STRING_LENGTH_MIN, (a) => `has at least ${bytes(a)}`],
  [DetectiveType.STRING_LENGTH_MAX, (a) => `has at most ${bytes(a)}`],
  [DetectiveType.STRING_LENGTH_RANGE, (a) => `has ${a.replace(", ", " to ")} bytes`],
  [DetectiveType.NUMERIC_EQUAL_TO, (a) => `= ${a}`],
  [DetectiveType.NUMERIC_GREATER_THAN, (a) => `> ${a}`],
  [DetectiveType.NUMERIC_GREATER_EQUAL, (a) => `≥ ${a}`],
  [DetectiveType.NUMERIC_LESS_THAN, (a) => `< ${a}`],
  [DetectiveType.NUMERIC_LESS_EQUAL, (a) => `≤ ${a}`],
  [DetectiveType.NUMERIC_RANGE, (a) => `is between ${a.replace(", ", " and ")}`],
  [DetectiveType.NUMERIC_MIN, (a) => `> ${a}`],
  [DetectiveType.NUMERIC_MAX, (a) => `< ${a}`],
]);

const findings = new Map<DetectiveType, string>([
  [DetectiveType.PII_ANY, "personal data"],
  [DetectiveType.PII_PLAINTEXT_ANY, "personal data in text"],
  [DetectiveType.PII_KEYWORD, "fields named like personal data"],
  [DetectiveType.PII_EMAIL, "e-mail addresses"],
  [DetectiveType.PII_CREDIT_CARD, "credit card numbers"],
  [DetectiveType.PII_SSN, "social security numbers"],
  [DetectiveType.PII_PHONE, "phone numbers"],
  [DetectiveType.PII_VIN_NUMBER, "vehicle numbers (VIN)"],
  [DetectiveType.PII_RSA_KEY, "RSA keys"],
  [DetectiveType.PII_IBAN, "bank account numbers (IBAN)"],
  [DetectiveType.PII_JWT, "JSON web tokens"],
  [DetectiveType.IPV4_ADDRESS, "IPv4 addresses"],
  [DetectiveType.IPV6_ADDRESS, "IPv6 addresses"],
  [DetectiveType.MAC_ADDRESS, "MAC addresses"],
  [DetectiveType.UUID, "UUIDs"],
  [DetectiveType.URL, "URLs"],
  [DetectiveType.TIMESTAMP_RFC3339, "RFC 3339 times"],
  [DetectiveType.TIMESTAMP_UNIX, "Unix times"],
  [DetectiveType.TIMESTAMP_UNIX_NANO, "Unix times in nanoseconds"],
]);

function describeDetective(step: DetectiveStep): string {
  const not = step.negate ? "not: " : "";
  const check = checks.get(step.type);
  if (check) return `Check ${not}${step.path || "any value"} ${check(step.args.join(", "))}`;
  const what = findings.get(step.type) ?? plain(DetectiveType[step.type] ?? "unknown");
  return `Detect ${not}${what}${step.path ? ` at ${step.path}` : ""}`;
}

function describeTransform(step: TransformStep, dynamic: boolean): string {
  const options = step.options.value;
  const at = (path: string) => (dynamic ? "what was found" : path || step.path || "…");
  const paths = options && "paths" in options ? options.paths.join(", ") : "";
  const path = at(options && "path" in options ? options.path : paths);
  switch (step.type) {
    case TransformType.REPLACE_VALUE:
      return `Replace ${path}` + (options && "value" in options ? ` with ${quote(String(options.value))}` : "");
    case TransformType.DELETE_FIELD:
      return `Delete ${path}`;
    case TransformType.OBFUSCATE_VALUE:
      return `Obfuscate ${path}`;
    case TransformType.MASK_VALUE:
      return `Mask ${path}`;
    case TransformType.TRUNCATE_VALUE:
      return `Truncate ${path}` + (step.options.case === "truncateOptions" ? ` to ${length(step.options.value)}` : "");
    case TransformType.EXTRACT:
      return `Keep only ${path}`;
    default:
      return "Change nothing";
  }
}

function length(options: { type: TransformTruncateType; value: number }): string {
  return options.type === TransformTruncateType.PERCENTAGE ? `${options.value} %` : count(options.value, "byte");
}

/** "1 byte", "20 bytes"; also of a text that is no number. */
function bytes(text: string): string {
  return text === "1" ? "1 byte" : `${text} bytes`;
}

function plain(name: string): string {
  return name.replace(/^PII_/, "").replaceAll("_", " ").toLowerCase();
}

function quote(text: string): string {
  return `“${text}”`;
}
