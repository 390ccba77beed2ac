// What changed between two texts, line by line.
import { type ChangeObject, diffLines, diffWordsWithSpace } from "diff";

/** A piece of a line; marked when it is what changed in it. */
export interface Piece {
  text: string;
  marked: boolean;
}

export interface Line {
  number: number;
  pieces: Piece[];
}

/** A row of a side-by-side view. Both sides and changed: the right line replaces the left one. */
export interface Row {
  changed: boolean;
  left?: Line;
  right?: Line;
}

// Beyond this the texts have little in common, and a browser has better things to do.
const patience = 200;
// Longer lines are not compared word by word.
const longLine = 2_000;

/** The rows of both texts, in order. */
export function difference(before: string, after: string): Row[] {
  const changes = diffLines(ended(before), ended(after), { timeout: patience }) ?? replaced(before, after);
  const rows: Row[] = [];
  let left = 0;
  let right = 0;
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i]!;
    const next = changes[i + 1];
    if (!change.removed && !change.added) {
      for (const text of linesOf(change)) rows.push({ changed: false, left: plain(++left, text), right: plain(++right, text) });
      continue;
    }
    const removed = change.removed ? linesOf(change) : [];
    const added = change.added ? linesOf(change) : change.removed && next?.added ? linesOf(next) : [];
    if (change.removed && next?.added) i++;
    for (let n = 0; n < Math.max(removed.length, added.length); n++) {
      rows.push(pair(removed[n], added[n], () => ++left, () => ++right));
    }
  }
  return rows;
}

/** A stretch of unchanged rows that need not be shown. */
export interface Fold {
  folded: Row[];
}

/** The rows with long unchanged stretches folded, but for some rows around each change. */
export function fold(rows: readonly Row[], around = 3): (Row | Fold)[] {
  const near = rows.map((_, i) => rows.slice(Math.max(0, i - around), i + around + 1).some((row) => row.changed));
  const out: (Row | Fold)[] = [];
  for (let i = 0; i < rows.length; ) {
    let end = i;
    while (end < rows.length && !near[end]) end++;
    // One line folded takes as much room as the line.
    if (end - i > 1) out.push({ folded: rows.slice(i, end) });
    else out.push(...rows.slice(i, end));
    i = end;
    while (i < rows.length && near[i]) out.push(rows[i++]!);
  }
  return out;
}

function pair(before: string | undefined, after: string | undefined, left: () => number, right: () => number): Row {
  if (before === undefined || after === undefined || before.length + after.length > longLine) {
    return {
      changed: true,
      ...(before === undefined ? {} : { left: plain(left(), before) }),
      ...(after === undefined ? {} : { right: plain(right(), after) }),
    };
  }
  const words = diffWordsWithSpace(before, after);
  const alike = words.some((word) => !word.added && !word.removed && word.value.trim() !== "");
  const side = (other: "added" | "removed") =>
    words.filter((word) => !word[other]).map((word) => ({ text: word.value, marked: alike && (word.added || word.removed) }));
  return { changed: true, left: { number: left(), pieces: side("added") }, right: { number: right(), pieces: side("removed") } };
}

function plain(number: number, text: string): Line {
  return { number, pieces: [{ text, marked: false }] };
}

function linesOf({ value }: { value: string }): string[] {
  return value.replace(/\n$/, "").split("\n");
}

/** With a line end, so that a last line equals the same line further up. */
function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + "\n";
}

function replaced(before: string, after: string): Pick<ChangeObject<string>, "value" | "added" | "removed">[] {
  const change = (value: string, added: boolean) => ({ value, added, removed: !added });
  return [...(before ? [change(before, false)] : []), ...(after ? [change(after, true)] : [])];
}
