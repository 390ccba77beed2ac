import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { type Pipeline, PipelineDataFormat } from "../../../gen/protos/pipeline_pb";
import { useCanEdit } from "../../../live/context";
import type { PipelineUse } from "../../../live/model";
import { Button } from "../../../parts/Button";
import { sentence } from "../../../parts/text";
import { alike, begin } from "./draft";
import css from "./editor.module.css";
import { FormView } from "./FormView";
import { Head } from "./Head";
import { JsonView } from "./JsonView";
import { Merge } from "../merge/Merge";
import { blockerOf, firstProblem, problemsOf } from "../step/problems";
import { SaveBar } from "./SaveBar";
import { TryIt } from "../trial/TryIt";
import { type Check, useCheck } from "./useCheck";
import type { Drafting } from "./useDraft";
import { useSave } from "./useSave";
import { usePlace } from "./view";

const nowhere: PipelineUse["operations"] = [];

interface Props {
  id: string;
  drafting: Drafting;
  /** Where it runs; undefined for a pipeline that the server does not have. */
  use: PipelineUse | undefined;
  notice?: ReactNode;
  onSaved: (id: string) => void;
}

/** A pipeline to change: its steps, the form of the chosen one, what it does to a payload, and saving. */
export function PipelineEditor({ id, drafting, use, notice, onSaved }: Props) {
  const { draft, change } = drafting;
  const readOnly = !useCanEdit();
  const { place, go } = usePlace();
  const check = useCheck(draft.pipeline);
  const saving = useSave(id, drafting, onSaved);
  const faults = useMemo(() => faultsOf(draft.pipeline, check), [draft.pipeline, check]);
  const conflict = useConflict(drafting, use, saving);

  const save = () => {
    const first = blockerOf(draft, (step) => Boolean(check.of(step)?.problem));
    if (draft.text !== undefined) go({ view: "json" });
    else if (draft.pipeline.name.trim() === "") go({ view: "form", at: "about" });
    else if (first >= 0) go({ view: "form", at: first });
    else void saving.save();
  };
  useSaveKey(() => !readOnly && (drafting.dirty || !use) && !saving.busy && save());

  const unread = draft.text !== undefined;
  const whole = saving.reason ?? (unread ? undefined : (check.failure ?? wholeProblem(draft.pipeline, check)));
  return (
    <div className={css.editor}>
      <Head pipeline={draft.pipeline} use={use} />
      {notice}
      {conflict.overtaken && (
        <Notice action="Compare" onAction={conflict.compare}>
          Somebody else saved this pipeline since you began to change it.
        </Notice>
      )}
      {unread && place.view === "form" && (
        <Notice action="Show it" onAction={() => go({ view: "json" })}>
          The JSON view has a text that cannot be read yet. Changing something here drops that text.
        </Notice>
      )}
      <div className={css.work} data-view={place.view}>
        {place.view === "json" ? (
          <JsonView drafting={drafting} readOnly={readOnly} />
        ) : (
          <FormView drafting={drafting} use={use} faults={faults} check={check} readOnly={readOnly} />
        )}
        <div className={css.try}>
          <TryIt pipeline={draft.pipeline} operations={use?.operations ?? nowhere} />
        </div>
      </div>
      {!readOnly && (
        <SaveBar
          drafting={drafting}
          use={use}
          faults={faults}
          problem={whole && sentence(whole)}
          busy={saving.busy}
          onFault={(at) => go({ view: "form", at })}
          onSave={save}
        />
      )}
      {conflict.theirs && (
        <Merge
          base={draft.base ?? conflict.theirs}
          mine={draft.pipeline}
          theirs={conflict.theirs}
          onClose={conflict.close}
          onChoose={(chosen) => {
            const theirs = conflict.theirs!;
            conflict.close();
            if (alike(chosen, theirs)) drafting.saved(theirs);
            else change(() => begin(chosen, theirs));
          }}
        />
      )}
    </div>
  );
}

/** What is wrong with each step, as a sentence. */
function faultsOf(pipeline: Pipeline, check: Check): (string | undefined)[] {
  const plain = pipeline.dataFormat === PipelineDataFormat.PLAINTEXT;
  return pipeline.steps.map((step) => {
    const said = firstProblem(problemsOf(step, plain)) ?? check.of(step)?.problem;
    return said ? sentence(said) : undefined;
  });
}

/** What the server says of the whole; a missing name or step is said where it is missed. */
function wholeProblem({ name, steps }: Pipeline, { problem, pending }: Check): string | undefined {
  return problem === "" || pending || name === "" || steps.length === 0 ? undefined : problem;
}

/** What somebody else has saved since the draft was begun. */
function useConflict({ draft, dirty }: Drafting, use: PipelineUse | undefined, saving: ReturnType<typeof useSave>) {
  const [comparing, setComparing] = useState(false);
  const overtaken = dirty && draft.base && use && !alike(draft.base, use.pipeline) ? use.pipeline : undefined;
  return {
    overtaken: overtaken !== undefined,
    theirs: saving.theirs ?? (comparing ? overtaken : undefined),
    compare: () => setComparing(true),
    close: () => {
      saving.settle();
      setComparing(false);
    },
  };
}

export function Notice({ children, action, onAction }: { children: ReactNode; action: string; onAction: () => void }) {
  return (
    <div className={css.notice} role="alert">
      <span>{children}</span>
      <Button kind="quiet" onClick={onAction}>
        {action}
      </Button>
    </div>
  );
}

function useSaveKey(save: () => void) {
  const newest = useRef(save);
  newest.current = save;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      newest.current();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
