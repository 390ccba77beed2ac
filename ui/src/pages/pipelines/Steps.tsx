import { AbortCondition, type Pipeline, type PipelineStep, type PipelineStepConditions } from "../../gen/protos/pipeline_pb";
import { describeStep } from "../../parts/steps";
import css from "./pipelines.module.css";

/** What a pipeline does, step by step, in words. */
export function Steps({ pipeline }: { pipeline: Pipeline }) {
  if (pipeline.steps.length === 0) return <p className="muted">It has no steps, so it changes nothing.</p>;
  return (
    <ol className={css.stepList}>
      {pipeline.steps.map((step, index) => (
        <li key={index}>
          <span className={css.stepNumber}>{index + 1}</span>
          <span>
            {describeStep(step)}
            {step.name && <span className={css.stepName}>{step.name}</span>}
            {consequences(step).map((sentence) => (
              <span key={sentence} className={css.conditions}>
                {sentence}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}

function consequences(step: PipelineStep): string[] {
  const detects = step.step.case === "detective";
  const cases: [string, PipelineStepConditions | undefined][] = [
    [detects ? "when it matches" : "when done", step.onTrue],
    [detects ? "when it does not match" : "when nothing was done", step.onFalse],
    ["on an error", step.onError],
  ];
  return cases.flatMap(([when, conditions]) => {
    const acts = conditions ? actsOf(conditions) : [];
    return acts.length > 0 ? [`${when}: ${acts.join(", ")}`] : [];
  });
}

function actsOf({ abort, metadata, notification }: PipelineStepConditions): string[] {
  const acts: string[] = [];
  if (abort === AbortCondition.ABORT_CURRENT) acts.push("stop this pipeline");
  if (abort === AbortCondition.ABORT_ALL) acts.push("stop all pipelines");
  if (notification && notification.notificationConfigIds.length > 0) acts.push("notify");
  const names = Object.keys(metadata);
  if (names.length > 0) acts.push(`add metadata ${names.join(", ")}`);
  return acts;
}
