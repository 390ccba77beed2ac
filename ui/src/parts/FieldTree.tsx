import { useMemo } from "react";

import { fieldsOf } from "./fields";
import css from "./schema.module.css";
import sheet from "./sheet.module.css";

/** The fields of a payload, indented as they nest. */
export function FieldTree({ text }: { text: string }) {
  const fields = useMemo(() => fieldsOf(text), [text]);
  if (fields.length === 0) return <p className={sheet.note}>This schema says nothing of fields.</p>;
  return (
    <ul className={css.tree} aria-label="Fields">
      {fields.map(({ path, name, depth, type, optional }, i) => (
        // Alternatives may have a field of the same path.
        <li key={`${i} ${path}`} data-depth={Math.min(depth, 12)} title={path}>
          <code>{name}</code>
          <span className={css.type}>{type}</span>
          {optional && <span className={sheet.tag}>optional</span>}
        </li>
      ))}
    </ul>
  );
}
