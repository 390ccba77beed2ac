import { CircleAlert } from "lucide-react";

import type { PipelineUse } from "../../../live/model";
import { Button } from "../../../parts/Button";
import { count } from "../../../parts/text";
import { useToasts } from "../../../parts/toast";
import css from "./editor.module.css";
import type { Drafting } from "./useDraft";

interface Props {
  drafting: Drafting;
  use: PipelineUse | undefined;
  faults: readonly (string | undefined)[];
  /** What is wrong with the whole, or what the server said when it refused. */
  problem: string | undefined;
  busy: boolean;
  onFault: (at: number) => void;
  onSave: () => void;
}

/** What is unsaved, what is wrong, whom saving touches. */
export function SaveBar({ drafting, use, faults, problem, busy, onFault, onSave }: Props) {
  const toasts = useToasts();
  const { draft, dirty } = drafting;
  const isNew = use === undefined;
  const first = faults.findIndex((fault) => fault !== undefined);
  const wrong = faults.filter((fault) => fault !== undefined).length;
  const discard = () => {
    drafting.drop();
    toasts.done(`Discarded the changes of ${draft.pipeline.name || "the pipeline"}`, () => drafting.change(() => draft));
  };
  return (
    <section className={css.save} data-dirty={dirty || isNew} aria-label="Saving">
      {problem !== undefined && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
      {first >= 0 && (
        <button type="button" className={css.faults} onClick={() => onFault(first)}>
          <CircleAlert size={14} aria-hidden />
          {wrong === 1 ? `Step ${first + 1} has a problem` : `${wrong} steps have problems`}
        </button>
      )}
      <p className={css.effect}>{effect(dirty, use)}</p>
      {dirty && (
        <Button kind="quiet" onClick={discard} disabled={busy}>
          Discard
        </Button>
      )}
      <Button kind="primary" onClick={onSave} disabled={busy || (!dirty && !isNew)} aria-keyshortcuts="Control+S Meta+S">
        {isNew ? "Create pipeline" : "Save"}
      </Button>
    </section>
  );
}

function effect(dirty: boolean, use: PipelineUse | undefined): string {
  if (!use) return "It runs nowhere until you attach it to an operation.";
  if (!dirty) return "Saved";
  if (use.operations.length === 0) return "Unsaved · affects no operation yet";
  const sessions = new Set(use.operations.flatMap((operation) => operation.sessions.map(({ id }) => id))).size;
  return `Unsaved · affects ${count(use.operations.length, "operation")}, ${count(sessions, "live session")}`;
}
