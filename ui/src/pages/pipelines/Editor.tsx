import { type ReactNode, useId } from "react";

import { useCanEdit } from "../../live/context";
import { Button } from "../../parts/Button";
import { JsonEditor } from "../../parts/JsonEditor";
import type { Checked } from "./json";
import css from "./pipelines.module.css";

interface Props {
  text: string;
  checked: Checked;
  onChange: (text: string) => void;
  /** The server's words about the last attempt. */
  problem: string | undefined;
  action: string;
  busy: boolean;
  /** Whether there is something to save. */
  dirty: boolean;
  onSave: () => void;
  onDiscard?: () => void;
  /** What saving will touch. */
  effect: ReactNode;
  notice?: ReactNode;
}

/** The JSON of a pipeline with what is wrong with it and what saving it will do. */
export function Editor({ text, checked, onChange, problem, action, busy, dirty, onSave, onDiscard, effect, notice }: Props) {
  const canEdit = useCanEdit();
  const problemId = useId();
  const said = checked.problem ?? problem;
  const ready = canEdit && dirty && !busy && checked.problem === undefined;
  return (
    <div className={css.form}>
      <JsonEditor
        label="Pipeline as JSON"
        value={text}
        onChange={onChange}
        onSave={() => ready && onSave()}
        readOnly={!canEdit}
        problemLine={"line" in checked ? checked.line : undefined}
        {...(said === undefined ? {} : { describedBy: problemId })}
      />
      {notice}
      {said !== undefined && (
        <p id={problemId} className={css.problem} role="alert">
          {said}
        </p>
      )}
      <div className={css.save}>
        <p>{effect}</p>
        {onDiscard && dirty && (
          <Button kind="quiet" onClick={onDiscard} disabled={busy}>
            Discard
          </Button>
        )}
        <Button kind="primary" onClick={onSave} disabled={!ready}>
          {action}
        </Button>
      </div>
    </div>
  );
}
