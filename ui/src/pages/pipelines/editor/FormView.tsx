import { equals } from "@bufbuild/protobuf";
import { Plus, SlidersHorizontal } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Link } from "wouter";

import { PipelineDataFormat, type PipelineStep, PipelineStepSchema } from "../../../gen/protos/pipeline_pb";
import { useConsole } from "../../../live/context";
import type { PipelineUse } from "../../../live/model";
import { Button } from "../../../parts/Button";
import { Confirm } from "../../../parts/Dialog";
import { describeStep } from "../../../parts/steps";
import { count } from "../../../parts/text";
import { useAsk } from "../../../parts/useAsk";
import { About } from "./About";
import { changeStep, duplicateStep, insertStep, moveStep, removeStep } from "./draft";
import { EditingContext } from "../step/editing";
import css from "./editor.module.css";
import { KindDialog } from "../step/KindDialog";
import { kindOf, newStep } from "../step/kinds";
import { problemsOf } from "../step/problems";
import { StepForm } from "../step/StepForm";
import { StepList } from "./StepList";
import { UsedBy } from "./UsedBy";
import type { Check } from "./useCheck";
import type { Drafting } from "./useDraft";
import { usePlace } from "./view";

interface Props {
  drafting: Drafting;
  use: PipelineUse | undefined;
  /** What is wrong with each step. */
  faults: readonly (string | undefined)[];
  check: Check;
  readOnly: boolean;
}

const nowhere: PipelineUse["operations"] = [];

/** The steps in order, and the form of the chosen one. */
export function FormView({ drafting, use, faults, check, readOnly }: Props) {
  const { pipeline, keys } = drafting.draft;
  const { place } = usePlace();
  const about = place.at === "about" || pipeline.steps.length === 0;
  const at = place.at === "about" ? -1 : Math.min(place.at, pipeline.steps.length - 1);
  const side = useRef<HTMLDivElement>(null);
  const middle = useFollowed(about ? "about" : keys[at]);
  // The focus was in the form of the step that is gone; the chosen one is there after React has rendered.
  const focusChosen = () => requestAnimationFrame(() => side.current?.querySelector<HTMLElement>("[aria-current]")?.focus());
  return (
    <>
      <div ref={side} className={css.side}>
        <Steps drafting={drafting} faults={faults} check={check} chosen={about ? undefined : keys[at]} about={about} readOnly={readOnly} />
        {use && (
          <section className={css.used} aria-label="Used by">
            <h3>{use.operations.length > 0 ? `Used by ${count(use.operations.length, "operation")}` : "Not attached yet"}</h3>
            <UsedBy use={use} />
          </section>
        )}
      </div>
      <div ref={middle} className={css.middle}>
        {about ? (
          <About drafting={drafting} readOnly={readOnly} />
        ) : (
          <Chosen key={keys[at]} drafting={drafting} at={at} use={use} check={check} readOnly={readOnly} onRemoved={focusChosen} />
        )}
      </div>
    </>
  );
}

// As in editor.module.css: there the form is below the list.
const narrow = "(max-width: 760px)";

/** Brings the form into view where it is below the list, when another step is chosen. */
function useFollowed(chosen: string | undefined) {
  const form = useRef<HTMLDivElement>(null);
  const last = useRef(chosen);
  useEffect(() => {
    if (last.current === chosen) return;
    last.current = chosen;
    if (form.current && matchMedia(narrow).matches) showTop(form.current);
  }, [chosen]);
  return form;
}

/** Scrolls what the page scrolls, and not, as scrollIntoView does, all around it. */
function showTop(element: HTMLElement): void {
  let box = element.parentElement;
  while (box && getComputedStyle(box).overflowY !== "auto") box = box.parentElement;
  if (box) box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top;
}

interface StepsProps extends Omit<Props, "use"> {
  chosen: string | undefined;
  about: boolean;
}

function Steps({ drafting: { draft, change }, faults, check, chosen, about, readOnly }: StepsProps) {
  const { pipeline, keys } = draft;
  const { go, urlOf } = usePlace();
  const [adding, setAdding] = useState(false);
  const plain = pipeline.dataFormat === PipelineDataFormat.PLAINTEXT;
  const rows = pipeline.steps.map((step, i) => ({
    key: keys[i]!,
    step,
    problem: faults[i],
    moduleBytes: check.of(step)?.moduleBytes ?? 0,
  }));
  const move = (key: string, to: number) => {
    const next = moveStep(draft, key, to);
    change((now) => moveStep(now, key, to));
    // The chosen step stays chosen, wherever it is now.
    if (chosen !== undefined) go({ at: next.keys.indexOf(chosen) }, true);
  };
  const add = (step: PipelineStep) => {
    const feeds = pipeline.steps.at(-1)?.step.case === "detective" && step.step.case === "transform";
    change((now) => insertStep(now, { ...step, dynamic: feeds }, now.keys.length));
    go({ at: keys.length });
  };
  return (
    <nav className={css.steps} aria-label="Steps">
      <Link href={urlOf({ at: "about" })} className={css.about} aria-current={about ? "true" : undefined}>
        <SlidersHorizontal size={14} aria-hidden />
        <span>Name and payloads</span>
        {pipeline.name.trim() === "" && <span className={css.missing}>needs a name</span>}
      </Link>
      <StepList rows={rows} chosen={chosen} urlOf={(at) => urlOf({ at })} onMove={move} readOnly={readOnly} />
      {pipeline.steps.length === 0 && <p className={css.none}>A pipeline needs at least one step.</p>}
      {!readOnly && (
        <Button onClick={() => setAdding(true)} wide>
          <Plus size={15} aria-hidden />
          Add step
        </Button>
      )}
      {adding && (
        <KindDialog
          title="Add a step"
          plain={plain}
          onClose={() => setAdding(false)}
          onPick={(kind) => {
            setAdding(false);
            add(newStep(kind));
          }}
        />
      )}
    </nav>
  );
}

interface ChosenProps {
  drafting: Drafting;
  at: number;
  use: PipelineUse | undefined;
  check: Check;
  readOnly: boolean;
  onRemoved: () => void;
}

function Chosen({ drafting: { draft, change }, at, use, check, readOnly, onRemoved }: ChosenProps) {
  const { client } = useConsole();
  const { pipeline, keys } = draft;
  const { go } = usePlace();
  const [deleting, setDeleting] = useState(false);
  const [configs] = useAsk("configs", async (signal) => {
    const { notifications } = await client.getNotifications({}, { signal });
    return Object.values(notifications).sort((a, b) => a.name.localeCompare(b.name));
  });
  const key = keys[at]!;
  const step = pipeline.steps[at]!;
  const previous = pipeline.steps[at - 1];
  const plain = pipeline.dataFormat === PipelineDataFormat.PLAINTEXT;
  const operations = use?.operations ?? nowhere;
  const editing = useMemo(
    () => ({ operations, plain, configs, previous, problems: problemsOf(step, plain), readOnly }),
    [operations, plain, configs, previous, step, readOnly],
  );
  const remove = () => {
    change((now) => removeStep(now, key));
    go({ at: Math.max(0, at - 1) }, true);
    onRemoved();
  };
  return (
    <EditingContext value={editing}>
      <StepForm
        step={step}
        place={at}
        count={keys.length}
        check={check.of(step)}
        readOnly={readOnly}
        onChange={(work) => change((now) => changeStep(now, key, work))}
        onMove={(to) => {
          change((now) => moveStep(now, key, to));
          go({ at: to }, true);
        }}
        onDuplicate={() => {
          change((now) => duplicateStep(now, key));
          go({ at: at + 1 });
        }}
        onDelete={() => (isAsMade(step) ? remove() : setDeleting(true))}
      />
      {deleting && (
        <Confirm title={`Delete step ${at + 1}?`} action="Delete step" onConfirm={remove} onClose={() => setDeleting(false)}>
          <p>
            {describeStep(step)}. The pipeline on the server keeps the step until you save.
          </p>
        </Confirm>
      )}
    </EditingContext>
  );
}

/** Whether nobody has written anything into the step since it was added. */
function isAsMade(step: PipelineStep): boolean {
  const kind = kindOf(step);
  return kind !== undefined && equals(PipelineStepSchema, { ...step, dynamic: false, WasmId: undefined }, newStep(kind));
}
