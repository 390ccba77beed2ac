import { type ReactNode, useMemo } from "react";

import css from "./json-editor.module.css";

interface Props {
  label: string;
  /** The id of the field, for a label of its own. */
  id?: string;
  value: string;
  onChange: (value: string) => void;
  onSave?: () => void;
  readOnly?: boolean;
  /** The line (from 1) to mark. */
  problemLine?: number | undefined;
  /** The id of the text that explains the problem. */
  describedBy?: string | undefined;
}

/** A text field for JSON with line numbers and colours. The colours lie under the field, so it stays a plain one. */
export function JsonEditor({ label, id, value, onChange, onSave, readOnly = false, problemLine, describedBy }: Props) {
  const colored = useMemo(() => (value.length > colorful ? value : color(value)), [value]);
  const lines = useMemo(() => value.split("\n").length, [value]);
  return (
    <div className={css.editor}>
      <div className={css.numbers} aria-hidden="true">
        {Array.from({ length: lines }, (_, i) => (
          <div key={i} data-problem={i + 1 === problemLine}>
            {i + 1}
          </div>
        ))}
      </div>
      <div className={css.layers}>
        <pre className={css.under} aria-hidden="true">
          {colored}
          {"\n"}
        </pre>
        <textarea
          id={id}
          className={css.text}
          aria-label={label}
          aria-invalid={describedBy !== undefined}
          aria-describedby={describedBy}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          wrap="off"
          readOnly={readOnly}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            onSave?.();
          }}
        />
      </div>
    </div>
  );
}

// A longer text would take too long to colour after each key.
const colorful = 100_000;

const token = /("(?:[^"\\\n]|\\.)*"?)(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

function color(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, string, colon, number] = match;
    parts.push(text.slice(end, match.index));
    const kind = string === undefined ? (number === undefined ? css.word : css.number) : colon ? css.key : css.string;
    parts.push(
      <span key={match.index} className={kind}>
        {string ?? whole}
      </span>,
      colon,
    );
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}
