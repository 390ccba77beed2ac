import { ArrowDown, ArrowUp, Copy, Trash2 } from "lucide-react";
import { useState } from "react";

import type { PipelineStep } from "../../../gen/protos/pipeline_pb";
import type { StepCheck } from "../../../gen/streamdal/console/v1/console_pb";
import { Button, IconButton } from "../../../parts/Button";
import { describeStep } from "../../../parts/steps";
import { bytes, sentence } from "../../../parts/text";
import { HttpForm, KvForm } from "./CallForms";
import { Conditions } from "./Conditions";
import { CustomForm } from "./CustomForm";
import { DetectiveForm } from "./DetectiveForm";
import { useEditing } from "./editing";
import { Example } from "./Example";
import css from "./form.module.css";
import { TextInput } from "./inputs";
import { KindDialog } from "./KindDialog";
import { changeKind, kindOf } from "./kinds";
import { firstProblem } from "./problems";
import { SchemaForm } from "./SchemaForm";
import { TransformForm } from "./TransformForm";

interface Props {
  step: PipelineStep;
  /** From 0. */
  place: number;
  count: number;
  check: StepCheck | undefined;
  onChange: (change: (step: PipelineStep) => PipelineStep) => void;
  onMove: (place: number) => void;
  onDuplicate: () => void;
  onDelete: () => void;
  readOnly: boolean;
}

/** All about one step. What the form does not show stays as it is. */
export function StepForm({ step, place, count, check, onChange, onMove, onDuplicate, onDelete, readOnly }: Props) {
  const { problems } = useEditing();
  // The server's words would say the same about what is missing, later.
  const said = firstProblem(problems) === undefined ? check?.problem : undefined;
  return (
    <section className={css.form} aria-label={`Step ${place + 1}`}>
      <header className={css.head}>
        <div>
          <h3>Step {place + 1}</h3>
          <p className={`${css.does} clamp`}>{describeStep(step)}</p>
        </div>
        {!readOnly && (
          <div className={css.actions}>
            <IconButton label="Move the step up" disabled={place === 0} onClick={() => onMove(place - 1)}>
              <ArrowUp size={15} />
            </IconButton>
            <IconButton label="Move the step down" disabled={place === count - 1} onClick={() => onMove(place + 1)}>
              <ArrowDown size={15} />
            </IconButton>
            <IconButton label="Duplicate the step" onClick={onDuplicate}>
              <Copy size={15} />
            </IconButton>
            <IconButton label="Delete the step" onClick={onDelete}>
              <Trash2 size={15} />
            </IconButton>
          </div>
        )}
      </header>
      {said && (
        <p className={css.problem} role="alert">
          {sentence(said)}
        </p>
      )}
      <fieldset disabled={readOnly} className={css.fields}>
        <KindField step={step} problem={problems.kind} refused={said !== undefined && said !== ""} onChange={onChange} />
        <RuleForm step={step} onChange={onChange} />
        <TextInput label="Name" wire="name" value={step.name} hint="In notifications, metrics and tails." onChange={(name) => onChange((now) => ({ ...now, name }))} />
        <Conditions step={step} onChange={(when, conditions) => onChange((now) => ({ ...now, [when]: conditions }))} />
      </fieldset>
      {check && check.problem === "" && <p className={css.hint}>{bytes(check.moduleBytes)} module</p>}
    </section>
  );
}

type KindProps = Pick<Props, "step" | "onChange"> & {
  problem: string | undefined;
  /** The server says already what is wrong with it. */
  refused: boolean;
};

function KindField({ step, problem, refused, onChange }: KindProps) {
  const { plain, readOnly } = useEditing();
  const [choosing, setChoosing] = useState(false);
  const kind = kindOf(step);
  return (
    <div className={css.field}>
      <div className={css.kind}>
        <div>
          <strong>{kind?.label ?? "Unknown to this Console"}</strong>
          {kind && <code className={css.wire}>{kind.wire}</code>}
        </div>
        {!readOnly && <Button onClick={() => setChoosing(true)}>Change…</Button>}
      </div>
      {problem !== undefined && <p className={css.wrong}>{problem}</p>}
      {kind?.retired && !refused && <p className={css.hint}>{kind.retired}</p>}
      {kind && (
        <details className={css.more}>
          <summary>What it does, with an example</summary>
          <Example wire={kind.wire} />
        </details>
      )}
      {choosing && (
        <KindDialog
          title="What shall the step do?"
          plain={plain}
          onClose={() => setChoosing(false)}
          onPick={(chosen) => {
            setChoosing(false);
            onChange((now) => changeKind(now, chosen));
          }}
        />
      )}
    </div>
  );
}

function RuleForm({ step: { step, dynamic, WasmId }, onChange }: Pick<Props, "step" | "onChange">) {
  const set = (rule: PipelineStep["step"]) => onChange((now) => ({ ...now, step: rule }));
  switch (step.case) {
    case "detective":
      return <DetectiveForm step={step.value} onChange={(value) => set({ case: "detective", value })} />;
    case "transform":
      return (
        <TransformForm
          step={step.value}
          dynamic={dynamic}
          onChange={(value) => set({ case: "transform", value })}
          onDynamic={(next) => onChange((now) => ({ ...now, dynamic: next }))}
        />
      );
    case "httpRequest":
      return <HttpForm step={step.value} onChange={(value) => set({ case: "httpRequest", value })} />;
    case "kv":
      return <KvForm step={step.value} onChange={(value) => set({ case: "kv", value })} />;
    case "schemaValidation":
      return <SchemaForm step={step.value} onChange={(value) => set({ case: "schemaValidation", value })} />;
    case "custom":
      return (
        <CustomForm
          step={step.value}
          module={WasmId ?? ""}
          onChange={(value) => set({ case: "custom", value })}
          onModule={(id) => onChange((now) => ({ ...now, WasmId: id }))}
        />
      );
    default:
      return null;
  }
}
