import { useMemo, useState } from "react";

import { difference, type Fold, fold, type Line, type Row } from "./difference";
import css from "./json-diff.module.css";
import { pretty } from "./pretty";
import { count } from "./text";

interface Props {
  /** What is compared, for people who cannot see it. */
  label: string;
  before: string;
  after: string;
  /** Side by side, or one below the other (the default). */
  split?: boolean;
  /** Headings of the sides. */
  names?: readonly [string, string];
  /** Shown when both are equal; the text itself by default. */
  same?: string;
}

/** Two JSON documents (or other texts) with what changed between them. */
export function JsonDiff({ label, before, after, split = false, names = ["Before", "After"], same }: Props) {
  const rows = useMemo(() => difference(pretty(before), pretty(after)), [before, after]);
  const changed = rows.some((row) => row.changed);
  if (!changed && same !== undefined) return <p className={css.same}>{same}</p>;
  return (
    <div className={css.diff} role="region" aria-label={label} tabIndex={0}>
      <table className={css.table} data-split={split}>
        {split && (
          <colgroup>
            <col className={css.narrow} />
            <col />
            <col className={css.narrow} />
            <col />
          </colgroup>
        )}
        <thead className={split ? undefined : "visually-hidden"}>
          <tr>
            {(split ? names : ["Line", "Text"]).map((name, side) => (
              <th key={name} scope="col" colSpan={split ? 2 : side + 1}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(changed ? fold(rows) : rows).map((entry, i) => (
            <Entry key={i} entry={entry} split={split} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Entry({ entry, split }: { entry: Row | Fold; split: boolean }) {
  const [open, setOpen] = useState(false);
  if (!("folded" in entry)) return <Rows row={entry} split={split} />;
  if (open) return entry.folded.map((row, i) => <Rows key={i} row={row} split={split} />);
  return (
    <tr>
      <td colSpan={split ? 4 : 3} className={css.fold}>
        <button type="button" onClick={() => setOpen(true)}>
          {count(entry.folded.length, "unchanged line")}
        </button>
      </td>
    </tr>
  );
}

function Rows({ row, split }: { row: Row; split: boolean }) {
  const { changed, left, right } = row;
  if (split) {
    return (
      <tr>
        <Cells line={left} kind={changed ? "del" : undefined} />
        <Cells line={right} kind={changed ? "add" : undefined} />
      </tr>
    );
  }
  return (
    <>
      {changed && left && (
        <tr>
          <Cells line={left} kind="del" sign />
        </tr>
      )}
      {right && (
        <tr>
          <Cells line={right} kind={changed ? "add" : undefined} sign />
        </tr>
      )}
    </>
  );
}

type Kind = "del" | "add" | undefined;

function Cells({ line, kind, sign = false }: { line: Line | undefined; kind: Kind; sign?: boolean }) {
  const shown = line ? kind : undefined;
  return (
    <>
      <td className={css.number} data-kind={shown}>
        {line?.number}
      </td>
      {sign && (
        <td className={css.sign} data-kind={shown} aria-hidden="true">
          {kind === "add" ? "+" : kind === "del" ? "−" : ""}
        </td>
      )}
      <td className={css.text} data-kind={line ? kind : "none"}>
        {kind && line && <span className="visually-hidden">{kind === "add" ? "added: " : "removed: "}</span>}
        {line?.pieces.map(({ text, marked }, i) => (marked ? <mark key={i}>{text}</mark> : text))}
      </td>
    </>
  );
}
