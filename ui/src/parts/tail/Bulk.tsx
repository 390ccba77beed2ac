import { useMemo, useState } from "react";

import { Button } from "../Button";
import { bytes, count } from "../text";
import css from "./tail-detail.module.css";

// More than this is laid out only when asked for.
const firstLook = 20_000;
const blockLines = 200;
const blockLength = 20_000;
const longest = new RegExp(`.{1,${blockLength}}`, "g");

/** A text of any length: its beginning, and all of it on demand, in blocks that the browser draws when they come into view. */
export function Bulk({ label, text }: { label: string; text: string }) {
  const [all, setAll] = useState(text.length <= firstLook);
  const blocks = useMemo(() => (all ? cut(text) : [text.slice(0, firstLook)]), [text, all]);
  return (
    <figure className={css.bulk} aria-label={label}>
      <figcaption>
        {label} <span>{count(text.length, "character")}</span>
      </figcaption>
      <div className={css.text} data-many={blocks.length > 1} tabIndex={0} role="region" aria-label={label}>
        {blocks.map((block, i) => (
          <pre key={i}>{block}</pre>
        ))}
      </div>
      {!all && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          Show all {count(text.length, "character")}
        </Button>
      )}
    </figure>
  );
}

function cut(text: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let length = 0;
  const flush = () => {
    if (lines.length > 0) blocks.push(lines.join("\n"));
    lines = [];
    length = 0;
  };
  // A line may be longer than a block.
  const pieces = text.split("\n").flatMap((line) => line.match(longest) ?? [""]);
  for (const piece of pieces) {
    if (lines.length >= blockLines || length + piece.length > blockLength) flush();
    lines.push(piece);
    length += piece.length;
  }
  flush();
  return blocks;
}

const hexRows = 64;

/** Bytes as hexadecimal numbers beside what they would be as text. */
export function Hex({ label, data }: { label: string; data: Uint8Array }) {
  const shown = data.subarray(0, hexRows * 16);
  const rows: string[] = [];
  for (let at = 0; at < shown.length; at += 16) {
    const row = [...shown.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  return (
    <figure className={css.bulk} aria-label={label}>
      <figcaption>
        {label}{" "}
        <span>
          {bytes(data.length)}, not text{shown.length < data.length && `; the first ${bytes(shown.length)}`}
        </span>
      </figcaption>
      <div className={css.text} tabIndex={0} role="region" aria-label={label}>
        <pre>{rows.join("\n")}</pre>
      </div>
    </figure>
  );
}
