import type { ReactNode } from "react";

import css from "./example.module.css";
import { ruleDoc } from "./rules";

/** What a kind of step is about, with a payload and what comes of it. */
export function Example({ wire }: { wire: string }) {
  const doc = ruleDoc(wire);
  if (!doc) return null;
  return (
    <div className={css.example}>
      <p>{prose(doc.about)}</p>
      <dl>
        <dt>Payload</dt>
        <dd>
          <pre>{doc.payload}</pre>
        </dd>
        <dt>Outcome</dt>
        <dd>
          <pre>{doc.outcome}</pre>
        </dd>
      </dl>
    </div>
  );
}

const mark = /`([^`]+)`|\[([^\]]+)\]\([^)]+\)/g;

/** Markdown's code and links as text of its own kind. */
function prose(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(mark)) {
    parts.push(text.slice(end, match.index), match[1] === undefined ? match[2] : <code key={match.index}>{match[1]}</code>);
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}
