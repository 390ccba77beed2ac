import { Problem } from "../../parts/Field";
import css from "./kv.module.css";
import { read, show, suits, type View } from "./view";

export interface Written {
  text: string;
  view: View;
}

/** Bytes as they are first shown. */
export function write(bytes: Uint8Array): Written {
  const view = suits(bytes);
  return { text: show(bytes, view)!, view };
}

const views = [
  ["text", "Text"],
  ["json", "JSON"],
  ["hex", "Hex"],
] as const;

interface Props {
  written: Written;
  stored?: Uint8Array;
  problem: string | undefined;
  readOnly?: boolean;
  onChange: (written: Written) => void;
}

/** A value as text, JSON or hexadecimal digits. Changing the view keeps the bytes. */
export function ValueField({ written, stored, problem, readOnly = false, onChange }: Props) {
  const change = (view: View) => {
    const text = inView(written, view, stored);
    if (text !== undefined) onChange({ text, view });
  };
  return (
    <>
      <div className={css.views} role="radiogroup" aria-label="Shown as">
        {views.map(([view, name]) => (
          <label key={view}>
            <input
              type="radio"
              name="view"
              checked={view === written.view}
              disabled={view !== written.view && inView(written, view, stored) === undefined}
              onChange={() => change(view)}
            />
            {name}
          </label>
        ))}
      </div>
      <textarea
        className={css.value}
        aria-label="Value"
        // An object that exists has a key already.
        data-autofocus={stored ? "" : undefined}
        spellCheck={false}
        readOnly={readOnly}
        value={written.text}
        onChange={(event) => onChange({ ...written, text: event.target.value })}
      />
      {problem !== undefined && <Problem>{problem}</Problem>}
    </>
  );
}

/** The text of what was written in another view; undefined when that view cannot show it. */
function inView({ text, view }: Written, next: View, stored: Uint8Array | undefined): string | undefined {
  if (text === "") return "";
  try {
    const bytes = read(text, view);
    // JSON is shown with line breaks that the stored bytes may not have.
    if (stored && view === "json" && show(stored, "json") === text) return show(stored, next);
    return show(bytes, next);
  } catch {
    return next === "text" && view === "json" ? text : undefined;
  }
}
