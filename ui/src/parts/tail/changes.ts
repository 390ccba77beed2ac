// Which places of a JSON document a pipeline changed.
import type { Message } from "../../live/tail/message";

export interface Change {
  kind: "changed" | "removed" | "added";
  path: string;
}

// Beyond these, looking costs more than it tells.
const mostSize = 64 << 10;
const mostChanges = 50;

const known = new WeakMap<Message, Change[]>();

/** The places that differ between what went in and what came out; none when either is not JSON, or too large to look. */
export function changesOf(message: Message): Change[] {
  const found = known.get(message);
  if (found) return found;
  const changes = find(message);
  known.set(message, changes);
  return changes;
}

function find({ before, after, changed }: Message): Change[] {
  if (!changed || after === undefined || before.size + after.size > mostSize) return [];
  const changes: Change[] = [];
  try {
    compare(JSON.parse(before.text ?? ""), JSON.parse(after.text ?? ""), "", changes);
  } catch {
    return [];
  }
  return changes;
}

function compare(before: unknown, after: unknown, path: string, changes: Change[]): void {
  if (changes.length >= mostChanges || before === after) return;
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    changes.push({ kind: "changed", path: path || "everything" });
    return;
  }
  const at = (key: string) => (Array.isArray(before) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`);
  for (const [key, value] of Object.entries(before)) {
    if (Object.hasOwn(after, key)) compare(value, after[key], at(key), changes);
    else changes.push({ kind: "removed", path: at(key) });
  }
  for (const key of Object.keys(after)) if (!Object.hasOwn(before, key)) changes.push({ kind: "added", path: at(key) });
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
