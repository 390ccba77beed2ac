// The fields of payloads, as a JSON schema tells of them.

export interface FieldInfo {
  /** From the root: "customer.emails[].domain"; "" is the payload itself. */
  path: string;
  /** The same as steps write it: "customer.emails.#.domain". */
  rule: string;
  name: string;
  depth: number;
  /** "string", "string (e-mail)", "object or null". */
  type: string;
  optional: boolean;
}

type Json = { [key: string]: unknown };

/** All fields of a schema in the order of a tree. Text that is no schema has none. */
export function fieldsOf(text: string): FieldInfo[] {
  const found: FieldInfo[] = [];
  try {
    collect(JSON.parse(text), { path: "", rule: "", name: "payload", depth: 0, optional: false }, found);
  } catch {
    return [];
  }
  return found;
}

// Deeper than any payload that people can follow; and schemas may come from anywhere.
const deepest = 64;

function collect(schema: unknown, at: Omit<FieldInfo, "type">, found: FieldInfo[]): void {
  if (!isObject(schema) || at.depth > deepest) return;
  found.push({ ...at, type: typeOf(schema) });
  for (const one of alternatives(schema)) {
    const required = new Set(Array.isArray(one["required"]) ? one["required"] : []);
    const properties = isObject(one["properties"]) ? one["properties"] : {};
    for (const name of Object.keys(properties).sort()) {
      const path = at.path === "" ? name : `${at.path}.${name}`;
      const rule = at.rule === "" ? plain(name) : `${at.rule}.${plain(name)}`;
      collect(properties[name], { path, rule, name, depth: at.depth + 1, optional: !required.has(name) }, found);
    }
    if (isObject(one["items"])) collectItems(one["items"], at, found);
  }
}

/** The fields of an array's objects stand below the array itself. */
function collectItems(items: Json, at: Omit<FieldInfo, "type">, found: FieldInfo[]): void {
  const inner: FieldInfo[] = [];
  collect(items, { ...at, path: `${at.path}[]`, rule: at.rule === "" ? "#" : `${at.rule}.#`, optional: false }, inner);
  found.push(...inner.slice(1));
}

/** A member's name as a part of a step's path, where some characters mean something else. */
function plain(name: string): string {
  return name.replace(/[.*?|\\]|^[#@!{[]/g, "\\$&");
}

function typeOf(schema: Json): string {
  const kinds = alternatives(schema).flatMap((one) => {
    const types = (Array.isArray(one["type"]) ? one["type"] : [one["type"] ?? "anything"]).map(String);
    const { format, items } = one;
    if (types.length === 1 && types[0] === "array" && isObject(items)) return [`array of ${typeOf(items)}`];
    return typeof format === "string" ? types.map((type) => (type === "string" ? `string (${format})` : type)) : types;
  });
  return [...new Set(kinds)].join(" or ") || "anything";
}

function alternatives(schema: Json): Json[] {
  const any = schema["anyOf"] ?? schema["oneOf"];
  return Array.isArray(any) ? any.filter(isObject) : [schema];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface Change {
  path: string;
  /** Undefined when the field is new. */
  before: string | undefined;
  /** Undefined when the field is gone. */
  after: string | undefined;
}

/** What differs between two schemas, field by field. */
export function changes(before: string, after: string): Change[] {
  const [old, now] = [before, after].map((text) => new Map(fieldsOf(text).map((field) => [field.path, describe(field)])));
  const paths = [...new Set([...old!.keys(), ...now!.keys()])].sort();
  return paths
    .map((path) => ({ path: path || "payload", before: old!.get(path), after: now!.get(path) }))
    .filter(({ before, after }) => before !== after);
}

function describe({ type, optional }: FieldInfo): string {
  return optional ? `${type}, optional` : type;
}
