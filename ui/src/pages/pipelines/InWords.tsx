import type { PipelineStep } from "../../gen/protos/pipeline_pb";
import { describeStep, kindOf } from "../../parts/steps";
import css from "./in-words.module.css";
import { actsOf } from "./trial";

/** What steps do, in words and in order. */
export function InWords({ steps }: { steps: readonly PipelineStep[] }) {
  if (steps.length === 0) return <p className="muted">No steps, so it changes nothing.</p>;
  return (
    <ol className={css.steps}>
      {steps.map((step, i) => (
        <li key={i} data-kind={kindOf(step)}>
          {describeStep(step)}
          {outcomes.flatMap(([verdict, when]) =>
            actsOf(step, verdict).map((act) => (
              <span key={verdict + act} className={css.act}>
                {when}: {act}
              </span>
            )),
          )}
        </li>
      ))}
    </ol>
  );
}

const outcomes = [
  ["true", "if so"],
  ["false", "if not"],
  ["error", "on an error"],
] as const;
