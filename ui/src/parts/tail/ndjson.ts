// The file that people save: one JSON object per message (docs/tail.md describes its fields).
import type { Names } from "../../live/audience";
import type { Entry, Message, Payload } from "../../live/tail/message";

export function ndjson(entries: readonly Entry[], names: Names): string[] {
  return entries.flatMap((entry) => (entry.kind === "message" ? [line(entry, names) + "\n"] : []));
}

function line({ time, session, pipeline, before, after }: Message, names: Names): string {
  const { service, direction, operation, component } = names;
  const about = { time: new Date(time).toISOString(), session, service, direction, operation, component, ...(pipeline && { pipeline }) };
  const fields = [JSON.stringify(about).slice(1, -1), ...side("before", before), ...(after === undefined ? [] : side("after", after))];
  return `{${fields.join(",")}}`;
}

function side(name: string, payload: Payload): string[] {
  const { text, binary, size, whole } = payload;
  const field = (suffix: string, value: unknown) => `"${name}${suffix}":${JSON.stringify(value)}`;
  const cut = whole > size ? [field("_bytes", whole)] : [];
  if (text === undefined) return [field("_base64", base64(binary!)), ...cut];
  // Not parsed and written again, because that would change large numbers.
  if (isJson(text)) return [`"${name}":${text.replace(/[\r\n]+/g, " ").trim()}`, ...cut];
  return [field("_text", text), ...cut];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
