import type { PipelineStep } from "../../gen/protos/pipeline_pb";
import { describeStep } from "../../parts/steps";
import css from "./in-words.module.css";
import { actsOf } from "./trial/trial";

/** What steps do, in words and in order. */
export function InWords({ steps }: { steps: readonly PipelineStep[] }) {
  if (steps.length === 0) return <p className="muted">No steps, so it changes nothing.</p>;
  return (
    <ol className={css.steps}>
      {steps.map((step, i) => (
        <li key={i}>
          {describeStep(step)}
          {outcomes.map(([verdict, when]) => {
            const acts = actsOf(step, verdict);
            return acts.length > 0 ? (
              <span key={verdict} className={css.act}>
                {when}: {acts.join(", ")}
              </span>
            ) : null;
          })}
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
