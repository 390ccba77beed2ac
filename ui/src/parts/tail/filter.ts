// What people type to see only some messages: words, or conditions about places in JSON.
import type { Message, Payload } from "../../live/tail/message";

export type Filter = { test: (message: Message) => boolean } | { problem: string };

type Path = (string | number)[];
type Test = (payload: Payload) => boolean;

const everything: Filter = { test: () => true };
const word = String.raw`[\p{L}\p{N}_$@-]+`;
const bracket = String.raw`\[(?:\d+|\*|"(?:[^"\\]|\\.)*")\]`;
// Unambiguous, so that no text makes the browser try all the ways to cut it.
const path = String.raw`(?:${word}|${bracket})(?:\.${word}|\.?${bracket})*`;
const condition = new RegExp(String.raw`^\.?(${path})\s*(!=|!~|>=|<=|=|~|>|<)\s*(.*)$`, "su");
const place = new RegExp(String.raw`^(\.?)(${path})$`, "su");
const part = new RegExp(`${word}|${bracket}`, "gu");

/**
 * Reads a filter. Conditions are joined by "&&"; each is one of
 *   some text          contains it, in any case
 *   .user.email        has the field (without the first dot: has the field or contains the text)
 *   user.email = x     equals; also != ~ (contains) !~ > >= < <=
 * A message passes when what went in or what came out does.
 */
export function parseFilter(text: string): Filter {
  const tests: ((message: Message) => boolean)[] = [];
  const terms = split(text);
  if (terms.length === 1 && terms[0] === "") return everything;
  for (const term of terms) {
    if (term === "") return { problem: "A condition is missing beside &&." };
    const read = parseTerm(term);
    if ("problem" in read) return read;
    const { test, not } = read;
    tests.push(({ before, after }) => (test(before) || (after !== undefined && after !== before && test(after))) !== not);
  }
  return { test: (message) => tests.every((test) => test(message)) };
}

function parseTerm(term: string): { test: Test; not: boolean } | { problem: string } {
  const [, path, operator, value = ""] = condition.exec(term) ?? [];
  if (path !== undefined && operator !== undefined) {
    if (value === "") return { problem: `Say with what ${path} is compared, for example ${path} ${operator} 1. Put text in quotes to look for it as it is.` };
    const wanted = unquote(value);
    if (wanted === undefined) return { problem: `The quotes around the value of ${path} do not close.` };
    return compare(parsePath(path), operator, wanted, value.startsWith('"'));
  }
  const [, dot, field] = place.exec(term) ?? [];
  if (field !== undefined && (dot || /[.[]/.test(field))) {
    const path = parsePath(field);
    const words = dot ? undefined : contains(term);
    return { test: (payload) => words?.(payload) || values(payload, path).length > 0, not: false };
  }
  if (term.startsWith(".") && !term.includes(" ")) return { problem: `“${term}” is not a place in JSON. Write it as .user.emails[0] or .user["a key"].` };
  const words = unquote(term);
  if (words === undefined) return { problem: "The quotes do not close." };
  return { test: contains(words), not: false };
}

function compare(path: Path, operator: string, wanted: string, quoted: boolean): { test: Test; not: boolean } | { problem: string } {
  const any = (test: (value: unknown) => boolean) => (payload: Payload) => values(payload, path).some(test);
  const number = Number(wanted);
  const isNumber = !quoted && wanted.trim() !== "" && !Number.isNaN(number);
  if (operator === "=" || operator === "!=") {
    const test = any((value) => (typeof value === "number" && isNumber ? value === number : textOf(value) === wanted && !(quoted && typeof value !== "string")));
    return { test, not: operator === "!=" };
  }
  if (operator === "~" || operator === "!~") {
    const words = wanted.toLowerCase();
    return { test: any((value) => textOf(value).toLowerCase().includes(words)), not: operator === "!~" };
  }
  if (!isNumber) return { problem: `${operator} compares numbers, and “${wanted}” is none.` };
  const order = { ">": (n: number) => n > number, ">=": (n: number) => n >= number, "<": (n: number) => n < number }[operator] ?? ((n: number) => n <= number);
  return { test: any((value) => typeof value === "number" && order(value)), not: false };
}

function contains(text: string): Test {
  const wanted = text.toLowerCase();
  return (payload) => payload.text !== undefined && payload.text.toLowerCase().includes(wanted);
}

/** What is at a place: several when arrays are on the way. Nothing in what is not JSON. */
function values(payload: Payload, path: Path): unknown[] {
  if (payload.text === undefined) return [];
  let found: unknown[];
  try {
    found = [JSON.parse(payload.text)];
  } catch {
    return [];
  }
  for (const key of path) found = found.flatMap((value) => step(value, key));
  return found.flatMap((value) => (Array.isArray(value) && value.length > 0 ? value : [value]));
}

function step(value: unknown, key: string | number): unknown[] {
  if (Array.isArray(value)) {
    if (key === "*") return value;
    if (typeof key === "number") return key < value.length ? [value[key]] : [];
    return value.flatMap((one) => (Array.isArray(one) ? [] : step(one, key)));
  }
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return [];
  return [(value as Record<string, unknown>)[key]];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function parsePath(path: string): Path {
  return [...path.matchAll(part)].map(([piece]) => {
    if (piece.startsWith('["')) return JSON.parse(piece.slice(1, -1)) as string;
    if (piece.startsWith("[")) return piece === "[*]" ? "*" : Number(piece.slice(1, -1));
    return piece;
  });
}

/** The text within quotes, or as it is without; undefined when quotes do not close. */
function unquote(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Cuts at && outside of quotes. */
function split(text: string): string[] {
  const terms = text.match(/(?:"(?:[^"\\]|\\.)*"|(?!&&).)+|&&/gs) ?? [];
  const found = [""];
  for (const term of terms) {
    if (term === "&&") found.push("");
    else found[found.length - 1] = term.trim();
  }
  return found;
}
