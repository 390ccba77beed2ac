// What a step can be: names for people, in groups, with the names of the wire.
import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";

import { type PipelineStep, PipelineStepSchema } from "../../../gen/protos/pipeline_pb";
import { DetectiveType } from "../../../gen/protos/steps/detective_pb";
import { TransformType } from "../../../gen/protos/steps/transform_pb";
import { inputOf } from "./args";
import { toBase64 } from "./bytes";
import { pathsOf, withPaths } from "./transform";

type Rule = PipelineStep["step"];

export interface Kind {
  /** Its name on the wire, which is its heading in docs/rules.md. */
  wire: string;
  /** What it does, beginning with a verb. */
  label: string;
  group: string;
  /** Not to be chosen anew, and why. */
  retired?: string;
  make: () => Rule;
}

const detectives: Record<string, readonly (readonly [keyof typeof DetectiveType, string])[]> = {
  "Find personal data": [
    ["PII_ANY", "Find any personal data"],
    ["PII_EMAIL", "Find e-mail addresses"],
    ["PII_PHONE", "Find phone numbers"],
    ["PII_KEYWORD", "Find fields named like personal data"],
    ["PII_PLAINTEXT_ANY", "Find personal data in plain text"],
    ["PII_ADDRESS", "Find postal codes"],
    ["PII_TITLE", "Find forms of address"],
    ["PII_RELIGION", "Find religions"],
    ["PII_EDUCATION", "Find academic degrees"],
    ["PII_GEOLOCATION", "Find places on earth"],
    ["PII_SIGNATURE", "Find signatures"],
    ["PII_HEALTH", "Find health data"],
  ],
  "Find numbers of people and things": [
    ["PII_SSN", "Find US social security numbers"],
    ["CANADA_SIN", "Find Canadian social insurance numbers"],
    ["UK_INSURANCE_NUMBER", "Find British national insurance numbers"],
    ["PII_TAXPAYER_ID", "Find taxpayer numbers"],
    ["PII_DRIVER_LICENSE", "Find driver's licences"],
    ["PII_PASSPORT_ID", "Find passports"],
    ["PII_VIN_NUMBER", "Find vehicle numbers (VIN)"],
    ["PII_SERIAL_NUMBER", "Find device and SIM card numbers"],
  ],
  "Find payment data": [
    ["PII_CREDIT_CARD", "Find credit card numbers"],
    ["PII_IBAN", "Find bank accounts (IBAN)"],
    ["PII_SWIFT_BIC", "Find bank codes (BIC)"],
    ["PII_BANK_ROUTING_NUMBER", "Find US bank routing numbers"],
    ["PII_FINANCIAL", "Find securities and payments"],
    ["PII_CRYPTO_ADDRESS", "Find crypto addresses and keys"],
  ],
  "Find passwords, keys and tokens": [
    ["PII_LOGIN", "Find user names with passwords"],
    ["PII_BEARER_TOKEN", "Find bearer tokens"],
    ["PII_JWT", "Find JSON web tokens"],
    ["PII_RSA_KEY", "Find private keys"],
    ["PII_AWS_KEY_ID", "Find AWS access keys"],
    ["PII_AWS_MWS_AUTH_TOKEN", "Find Amazon marketplace tokens"],
    ["PII_AZURE_SQL_CONN_STRING", "Find Azure SQL connection strings"],
    ["PII_GITHUB_PAT", "Find GitHub tokens"],
    ["PII_SLACK_TOKEN", "Find Slack tokens"],
    ["PII_STRIPE_KEY", "Find Stripe keys"],
    ["PII_BRAINTREE_ACCESS_TOKEN", "Find Braintree tokens"],
    ["PII_DATABRICKS_PAT", "Find Databricks tokens"],
    ["PII_SENDGRID_KEY", "Find SendGrid keys"],
    ["PII_DOCKER_SWARM_TOKEN", "Find Docker swarm tokens"],
  ],
  "Check a value": [
    ["HAS_FIELD", "Has a field"],
    ["IS_EMPTY", "Is empty"],
    ["IS_TYPE", "Is of a type"],
    ["STRING_EQUAL", "Equals a text"],
    ["STRING_CONTAINS_ANY", "Contains any of some texts"],
    ["STRING_CONTAINS_ALL", "Contains all of some texts"],
    ["REGEX", "Matches a regular expression"],
    ["STRING_LENGTH_MIN", "Is at least so long"],
    ["STRING_LENGTH_MAX", "Is at most so long"],
    ["STRING_LENGTH_RANGE", "Has a length between"],
    ["BOOLEAN_TRUE", "Is true"],
    ["BOOLEAN_FALSE", "Is false"],
    ["NUMERIC_EQUAL_TO", "Equals a number"],
    ["NUMERIC_GREATER_THAN", "Is greater than"],
    ["NUMERIC_GREATER_EQUAL", "Is greater or equal"],
    ["NUMERIC_LESS_THAN", "Is less than"],
    ["NUMERIC_LESS_EQUAL", "Is less or equal"],
    ["NUMERIC_RANGE", "Is between two numbers"],
    ["NUMERIC_MIN", "Is greater than (older name)"],
    ["NUMERIC_MAX", "Is less than (older name)"],
  ],
  "Find formats": [
    ["IPV4_ADDRESS", "Find IPv4 addresses"],
    ["IPV6_ADDRESS", "Find IPv6 addresses"],
    ["MAC_ADDRESS", "Find MAC addresses"],
    ["HOSTNAME", "Find host names"],
    ["URL", "Find web addresses"],
    ["UUID", "Find UUIDs"],
    ["SEMVER", "Find versions (SemVer)"],
    ["TIMESTAMP_RFC3339", "Find times (RFC 3339)"],
    ["TIMESTAMP_UNIX", "Find Unix times"],
    ["TIMESTAMP_UNIX_NANO", "Find Unix times in nanoseconds"],
  ],
};

const transforms: readonly (readonly [keyof typeof TransformType, string])[] = [
  ["MASK_VALUE", "Mask"],
  ["OBFUSCATE_VALUE", "Obfuscate by a hash"],
  ["REPLACE_VALUE", "Replace by a value"],
  ["TRUNCATE_VALUE", "Truncate"],
  ["DELETE_FIELD", "Delete fields"],
  ["EXTRACT", "Keep only some fields"],
];

const meaningless = "It is part of the wire format without a meaning there, and the server refuses it. Choose another kind or delete the step.";
const anySchema = toBase64('{\n  "type": "object",\n  "required": ["id"]\n}');

const others: Kind[] = [
  kind("valid_json", "Is valid JSON", "Check the shape", { validJson: {} }),
  kind("schema_validation", "Matches a JSON schema", "Check the shape", {
    schemaValidation: {
      type: "SCHEMA_VALIDATION_TYPE_JSONSCHEMA",
      condition: "SCHEMA_VALIDATION_CONDITION_MATCH",
      jsonSchema: { jsonSchema: anySchema, draft: "JSONSCHEMA_DRAFT_07" },
    },
  }),
  kind("http_request", "Call a web address", "Ask somebody else", {
    httpRequest: { request: { method: "HTTP_REQUEST_METHOD_POST", bodyMode: "HTTP_REQUEST_BODY_MODE_STATIC" } },
  }),
  kind("kv", "Look up a key", "Ask somebody else", { kv: { action: "KV_ACTION_EXISTS", mode: "KV_MODE_STATIC" } }),
  kind("custom", "Run a module of your own", "Ask somebody else", { custom: {} }),
  {
    ...kind("infer_schema", "Infer the schema", "Not offered", { inferSchema: {} }),
    retired: "Every operation infers its schema already, first and hidden: this step does the same work a second time.",
  },
  { ...kind("encode", "Encode", "Not offered", { encode: {} }), retired: meaningless },
  { ...kind("decode", "Decode", "Not offered", { decode: {} }), retired: meaningless },
];

const all: readonly Kind[] = [
  ...Object.entries(detectives).flatMap(([group, list]) =>
    list.map(([wire, label]) => kind(wire, label, group, { detective: { type: `DETECTIVE_TYPE_${wire}` } })),
  ),
  ...transforms.map(([wire, label]) => kind(wire, label, "Change data", { transform: { type: `TRANSFORM_TYPE_${wire}`, ...startOf(wire) } })),
  ...others,
];

const first = ["Find personal data", "Change data", "Check a value", "Check the shape", "Ask somebody else"];
const rank = ({ group }: Kind) => (first.includes(group) ? first.indexOf(group) : first.length);

/** All kinds in the order in which they are offered, group by group. */
export const kinds: readonly Kind[] = [...all].sort((a, b) => rank(a) - rank(b));

const byWire = new Map(kinds.map((one) => [one.wire, one]));
const wireNames: Partial<Record<NonNullable<Rule["case"]>, string>> = {
  validJson: "valid_json",
  schemaValidation: "schema_validation",
  httpRequest: "http_request",
  inferSchema: "infer_schema",
};

/** What a step is; undefined for one that says nothing yet, or a type that this Console does not know. */
export function kindOf({ step }: PipelineStep): Kind | undefined {
  switch (step.case) {
    case undefined:
      return undefined;
    case "detective":
      return byWire.get(DetectiveType[step.value.type] ?? "");
    case "transform":
      return byWire.get(TransformType[step.value.type] ?? "");
    default:
      return byWire.get(wireNames[step.case] ?? step.case);
  }
}

export function newStep(chosen: Kind): PipelineStep {
  return create(PipelineStepSchema, { name: chosen.label.toLowerCase(), step: chosen.make() });
}

/** The step as another kind. What both kinds have stays: paths, conditions, a name that somebody chose. */
export function changeKind(step: PipelineStep, chosen: Kind): PipelineStep {
  const before = kindOf(step);
  const name = step.name === before?.label.toLowerCase() || step.name === "" ? chosen.label.toLowerCase() : step.name;
  const next: PipelineStep = { ...step, name, step: chosen.make(), WasmId: undefined, WasmBytes: undefined, WasmFunction: undefined };
  const from = step.step;
  if (from.case === "detective" && next.step.case === "detective") {
    const { path, negate } = from.value;
    const args = inputOf(from.value.type) === inputOf(next.step.value.type) ? from.value.args : [];
    return { ...next, step: { case: "detective", value: { ...next.step.value, path, negate, args } } };
  }
  if (from.case === "transform" && next.step.case === "transform") {
    return { ...next, step: { case: "transform", value: withPaths(next.step.value, pathsOf(from.value)) } };
  }
  return next.step.case === "transform" ? next : { ...next, dynamic: false };
}

function kind(wire: string, label: string, group: string, rule: JsonObject): Kind {
  return { wire, label, group, make: () => fromJson(PipelineStepSchema, rule).step };
}

/** The options with which a new transform begins. */
function startOf(wire: string): JsonObject {
  if (wire === "MASK_VALUE") return { maskOptions: { mask: "*" } };
  if (wire === "TRUNCATE_VALUE") return { truncateOptions: { type: "TRANSFORM_TRUNCATE_TYPE_LENGTH", value: 10 } };
  if (wire === "REPLACE_VALUE") return { replaceValueOptions: { value: '"removed"' } };
  return {};
}
