// A made-up message that a JSON schema could tell of.

type Json = { [key: string]: unknown };

// Deeper than any payload that people read; and schemas may come from anywhere.
const deepest = 24;

/** A message with a plausible value for each field of a schema; undefined when the text is no schema of an object or array. */
export function sampleOf(schema: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(schema);
  } catch {
    return undefined;
  }
  const value = valueOf(parsed, "", "", 0);
  return typeof value === "object" && value !== null ? JSON.stringify(value, null, 2) : undefined;
}

function valueOf(schema: unknown, name: string, parent: string, depth: number): unknown {
  if (!isObject(schema) || depth > deepest) return null;
  const one = pick(schema);
  if (Array.isArray(one["enum"]) && one["enum"].length > 0) return one["enum"][0];
  const types = Array.isArray(one["type"]) ? one["type"] : [one["type"]];
  const type = types.find((each) => each !== "null") ?? types[0];
  switch (type) {
    case "object":
      return objectOf(one, name, depth);
    case "array":
      return isObject(one["items"]) ? [valueOf(one["items"], singular(name), parent, depth + 1)] : [];
    case "integer":
      return number(name, true);
    case "number":
      return number(name, false);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return isObject(one["properties"]) ? objectOf(one, name, depth) : text(name, parent, one["format"]);
  }
}

function objectOf(schema: Json, parent: string, depth: number): Json {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  return Object.fromEntries(Object.keys(properties).map((name) => [name, valueOf(properties[name], name, parent, depth + 1)]));
}

/** The alternative that says most. */
function pick(schema: Json): Json {
  const any = schema["anyOf"] ?? schema["oneOf"];
  const alternatives = Array.isArray(any) ? any.filter(isObject) : [];
  return alternatives.find((one) => isObject(one["properties"])) ?? alternatives.find((one) => one["type"] !== "null") ?? alternatives[0] ?? schema;
}

const formats: Record<string, string> = {
  "date-time": "2026-03-14T09:26:53Z",
  date: "2026-03-14",
  time: "09:26:53Z",
  email: "mina.patel@example.com",
  hostname: "shop.example.com",
  ipv4: "192.0.2.17",
  ipv6: "2001:db8::17",
  uri: "https://shop.example.com/orders/1042",
  uuid: "7d0f3c52-4b1e-4c7a-9a55-1f0f6f0b2d11",
};

// What a field holds is guessed from its name. All of it belongs to nobody: names of domains and addresses of
// networks are kept free for examples, the card number is the usual one for tests.
const texts: readonly (readonly [RegExp, string])[] = [
  [/e-?mail/, formats["email"]!],
  [/(card|pan$|credit).*(number|no|num)?$/, "4111 1111 1111 1111"],
  [/iban/, "DE02120300000000202051"],
  [/ssn|social.?security/, "078-05-1120"],
  [/phone|mobile|fax|^tel/, "+1 202 555 0143"],
  [/ip(_?v?4)?(_?addr(ess)?)?$|^client_?ip/, formats["ipv4"]!],
  [/mac(_?addr(ess)?)?$/, "00:00:5e:00:53:0a"],
  [/user_?agent/, "Mozilla/5.0"],
  [/first_?name|given/, "Mina"],
  [/last_?name|surname|family/, "Patel"],
  [/user_?name|login|handle|nick/, "mina"],
  [/host|domain/, formats["hostname"]!],
  [/name|customer|recipient|author|owner/, "Mina Patel"],
  [/url|uri|link|href/, formats["uri"]!],
  [/uuid|guid/, formats["uuid"]!],
  [/password|secret/, "correct horse battery staple"],
  [/token|api_?key|jwt/, "tok_7d0f3c524b1e"],
  [/(created|updated|deleted|_at|time|timestamp|_ts)$|^ts$/, formats["date-time"]!],
  [/date|birth|dob/, formats["date"]!],
  [/currency/, "EUR"],
  [/country/, "DE"],
  [/city|town/, "Berlin"],
  [/zip|postal|postcode/, "10115"],
  [/street|address/, "Invalidenstrasse 43"],
  [/state|region/, "BE"],
  [/lang|locale/, "en"],
  [/status/, "pending"],
  [/method/, "card"],
  [/version/, "1.4.2"],
  [/colou?r/, "green"],
  [/sku|product|item/, "A-1042"],
  [/amount|price|total|cost/, "42.50"],
  [/(^|_|\b)id$|number$|_no$|ref(erence)?$/, "A-1042"],
  [/level|severity/, "info"],
  [/message|text|body|note|comment|description|subject|title/, "Please call back before noon"],
  [/type|kind|category/, "standard"],
];

const things = /line|item|product|article|good/;

function text(name: string, parent: string, format: unknown): string {
  if (typeof format === "string" && formats[format] !== undefined) return formats[format];
  const flat = flatten(name);
  if (flat === "name" && things.test(flatten(parent))) return "Desk lamp";
  return texts.find(([pattern]) => pattern.test(flat))?.[1] ?? "sample";
}

const numbers: readonly (readonly [RegExp, number])[] = [
  [/(_at|time|timestamp|_ts)$|^ts$/, 1_773_480_413],
  [/amount|price|total|cost/, 42.5],
  [/lat(itude)?$/, 52.53],
  [/(lon|lng)(gitude)?$/, 13.38],
  [/year/, 2026],
  [/age/, 37],
  [/qty|quantity|count/, 2],
  [/percent|rate|ratio/, 12.5],
  [/port/, 8080],
  [/status|code/, 200],
  [/(^|_)id$|number$/, 1042],
];

function number(name: string, whole: boolean): number {
  const flat = flatten(name);
  const found = numbers.find(([pattern]) => pattern.test(flat))?.[1] ?? 7;
  return whole ? Math.round(found) : found;
}

/** "customerId", "customer-id" and "customer_id" are the same word. */
function flatten(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[\s-]+/g, "_")
    .toLowerCase();
}

function singular(name: string): string {
  return name.replace(/s$/i, "");
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
