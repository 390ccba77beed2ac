import { type ReactNode, useId } from "react";

import type { PipelineStep } from "../../../gen/protos/pipeline_pb";
import { JsonDiff } from "../../../parts/JsonDiff";
import { describeStep } from "../../../parts/steps";
import { stepText } from "./match";
import css from "./merge.module.css";
import { type Change, type Merging, type Picks, type Side, sideOf } from "./merging";

interface Props {
  merging: Merging;
  picks: Picks;
  onPick: (key: string, side: Side) => void;
}

/** What changed, part by part, and whose change to use. */
export function MergeParts({ merging: { fields, steps, order }, picks, onPick }: Props) {
  const pickOf = (key: string, change: Change) => ({ change, pick: picks[key], onPick: (side: Side) => onPick(key, side) });
  const untouched = steps.filter(({ change }) => change === "none").length;
  return (
    <ol className={css.parts} aria-label="What changed">
      {fields
        .filter(({ change }) => change !== "none")
        .map(({ key, label, change, base, mine, theirs }) => (
          <Part key={key} title={label} verb="changed" {...pickOf(key, change)}>
            <Sides of={label} change={change} base={base} mine={mine} theirs={theirs} />
          </Part>
        ))}
      {steps
        .filter(({ change }) => change !== "none")
        .map(({ key, change, base, mine, theirs }) => (
          <Part key={key} title={titleOf(base ?? mine ?? theirs)} verb={verbOf(base, mine, theirs)} {...pickOf(key, change)}>
            <Sides of={titleOf(base ?? mine ?? theirs)} change={change} base={textOf(base)} mine={textOf(mine)} theirs={textOf(theirs)} />
          </Part>
        ))}
      {order !== "none" && <Part title="Order of the steps" verb="changed" {...pickOf("order", order)} />}
      {untouched > 0 && (
        <li className={css.untouched}>{untouched === 1 ? "One step is the same in both." : `${untouched} steps are the same in both.`}</li>
      )}
    </ol>
  );
}

interface PartProps {
  title: string;
  verb: Verb;
  change: Change;
  pick: Side | undefined;
  onPick: (side: Side) => void;
  children?: ReactNode;
}

function Part({ title, verb, change, pick, onPick, children }: PartProps) {
  const conflict = change === "conflict";
  const group = useId();
  const picked = conflict ? pick : sideOf(change, pick);
  return (
    <li className={css.part} data-conflict={conflict}>
      <div className={css.partHead}>
        <span className={css.title}>
          <strong>{title}</strong> <span>{didOf(verb, change)}</span>
        </span>
        {change !== "same" && (
          <fieldset className={css.pick}>
            <legend className="visually-hidden">{title}: whose to use</legend>
            {(["mine", "theirs"] as const).map((side) => (
              <label key={side}>
                <input type="radio" name={group} checked={picked === side} onChange={() => onPick(side)} />
                {answerOf(verb, change, side)}
              </label>
            ))}
          </fieldset>
        )}
      </div>
      {children}
    </li>
  );
}

function Sides({ of, change, base, mine, theirs }: { of: string; change: Change; base: string; mine: string; theirs: string }) {
  if (change !== "conflict") return <JsonDiff label={`What changed: ${of}`} before={base} after={change === "theirs" ? theirs : mine} />;
  return (
    <div className={css.sides}>
      <div>
        <h2>Mine</h2>
        <JsonDiff label={`What I changed: ${of}`} before={base} after={mine} />
      </div>
      <div>
        <h2>Theirs</h2>
        <JsonDiff label={`What they changed: ${of}`} before={base} after={theirs} />
      </div>
    </div>
  );
}

function titleOf(step: PipelineStep | undefined): string {
  return step ? step.name || describeStep(step) : "";
}

function textOf(step: PipelineStep | undefined): string {
  return step ? stepText(step) : "";
}

type Verb = "changed" | "added" | "removed";

function verbOf(base: PipelineStep | undefined, mine: PipelineStep | undefined, theirs: PipelineStep | undefined): Verb {
  if (!base) return "added";
  return mine && theirs ? "changed" : "removed";
}

function didOf(verb: Verb, change: Change): string {
  if (change === "mine") return `${verb} by you`;
  if (change === "theirs") return `${verb} by them`;
  if (change === "same") return `${verb} by both in the same way`;
  return verb === "removed" ? "removed by one, changed by the other" : `${verb} by both in different ways`;
}

/** What it means to use a side's. */
function answerOf(verb: Verb, change: Change, side: Side): string {
  if (verb === "changed" || change === "conflict") return side === "mine" ? "Mine" : "Theirs";
  if (verb === "added") return side === change ? "Add it" : "Leave it out";
  return side === change ? "Remove it" : "Keep it";
}
