import { bytesOf, textOf } from "./bytes";
import css from "./form.module.css";
import { TextArea } from "./inputs";

interface Props {
  label: string;
  wire: string;
  hint?: string;
  /** What the bytes are, in a sentence: "The body". */
  subject: string;
  bytes: Uint8Array;
  onChange: (bytes: Uint8Array<ArrayBuffer>) => void;
}

/** Bytes that usually are text; others are left as they are until somebody replaces them. */
export function BytesInput({ label, wire, hint, subject, bytes, onChange }: Props) {
  const text = textOf(bytes);
  if (text !== undefined) return <TextArea label={label} wire={wire} hint={hint} mono value={text} onChange={(next) => onChange(bytesOf(next))} />;
  return (
    <p className={css.hint}>
      {subject} has {bytes.length} bytes that are not text; the JSON view shows them.{" "}
      <button type="button" className={css.link} onClick={() => onChange(new Uint8Array())}>
        Replace them by text
      </button>
    </p>
  );
}
