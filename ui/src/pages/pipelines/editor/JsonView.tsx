import { useId, useMemo, useState } from "react";

import { Button } from "../../../parts/Button";
import { JsonEditor } from "../../../parts/JsonEditor";
import { alike, applyShown } from "./draft";
import css from "./editor.module.css";
import { check, editableText } from "./json";
import type { Drafting } from "./useDraft";

/** The whole pipeline as JSON. What can be read is applied at once. */
export function JsonView({ drafting: { draft, change }, readOnly }: { drafting: Drafting; readOnly: boolean }) {
  const problemId = useId();
  const [typed, setTyped] = useState<string>();
  const own = useMemo(() => (typed === undefined ? undefined : check(typed)), [typed]);
  // People's own spaces stay for as long as the text means what the draft is.
  const fits = draft.text === undefined ? own?.pipeline && alike(own.pipeline, draft.pipeline) : typed === draft.text;
  const text = fits ? typed! : (draft.text ?? editableText(draft.pipeline));
  const checked = useMemo(() => check(text), [text]);
  const write = (next: string) => {
    setTyped(next);
    const read = check(next);
    change((now) => (read.pipeline ? applyShown(now, read.pipeline) : { ...now, text: next }));
  };
  return (
    <div className={css.json}>
      <JsonEditor
        label="Pipeline as JSON"
        value={text}
        onChange={write}
        readOnly={readOnly}
        problemLine={"line" in checked ? checked.line : undefined}
        describedBy={checked.problem === undefined ? undefined : problemId}
      />
      {checked.problem !== undefined && (
        <div className={css.unread}>
          <p id={problemId} role="alert">
            {checked.problem}
          </p>
          <Button kind="quiet" onClick={() => write(editableText(draft.pipeline))}>
            Back to the last that could be read
          </Button>
        </div>
      )}
    </div>
  );
}
