// How messages are told in a line.
import type { Message, Payload } from "../../live/tail/message";
import { bytes } from "../text";
import { type Change, changesOf } from "./changes";

// A line of the list shows no more than this, whatever is in it.
const mostLine = 320;

export function clock(time: number): string {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** As much of a session's id as tells it from others: the beginning of a UUID, the end of what somebody made up. */
export function shortId(session: string): string {
  if (session.length <= 9) return session;
  return /^[0-9a-f]{8}-/.test(session) ? session.slice(0, 8) : "…" + session.slice(-7);
}

/** The beginning of what came out, or of what went in when nothing did. */
export function lineOf({ before, after }: Message): string {
  const { text, size } = after ?? before;
  if (text === undefined) return `${bytes(size)} that are not text`;
  return text.slice(0, 2 * mostLine).replace(/\s+/g, " ").trimStart().slice(0, mostLine);
}

export interface Chip {
  kind: "changed" | "removed" | "added" | "plain";
  text: string;
  title: string;
}

const marks = { changed: "~", removed: "−", added: "+" };

/** What is known about a message: what the pipelines changed, and what is special about its data. */
export function chipsOf(message: Message): Chip[] {
  const { before, after, changed } = message;
  const chips: Chip[] = [];
  const changes = changesOf(message);
  if (changed && changes.length === 0) chips.push({ kind: "changed", text: "changed", title: "What came out is not what went in." });
  chips.push(...changes.map(changeChip));
  if (after === undefined && before.size > 0) {
    chips.push({ kind: "plain", text: "no output", title: "The SDK sent only what went in: it runs no pipelines here, or they left nothing." });
  }
  const cut = [before, after].find((payload) => payload !== undefined && payload.whole > payload.size);
  if (cut) chips.push({ kind: "plain", text: `cut, ${bytes(cut.whole)}`, title: `The server shows the first ${bytes(cut.size)} of ${bytes(cut.whole)}.` });
  if (isBinary(before) || isBinary(after)) chips.push({ kind: "plain", text: "binary", title: "The data is not text." });
  return chips;
}

function changeChip({ kind, path }: Change): Chip {
  return { kind, text: `${marks[kind]} ${path}`, title: `${path} was ${kind} by a pipeline.` };
}

function isBinary(payload: Payload | undefined): boolean {
  return payload !== undefined && payload.text === undefined;
}
