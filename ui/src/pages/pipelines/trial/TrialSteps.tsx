import { Check, CircleAlert, CircleDashed, CircleSlash, CornerDownRight, type LucideIcon, Minus } from "lucide-react";
import { useState } from "react";

import { JsonDiff } from "../../../parts/JsonDiff";
import { describeStep } from "../../../parts/steps";
import { count } from "../../../parts/text";
import { type StepResult, took, type Verdict } from "./trial";
import css from "./try-it.module.css";

const icons: Record<Verdict, LucideIcon> = {
  matched: Check,
  done: Check,
  "not matched": CircleSlash,
  "nothing done": Minus,
  error: CircleAlert,
  "not run": CircleDashed,
};

/** What each step did with the payload. */
export function TrialSteps({ results }: { results: readonly StepResult[] }) {
  return (
    <ol className={css.steps} aria-label="What each step did">
      {results.map((result, i) => (
        <li key={i} data-verdict={result.verdict}>
          <StepOutcome result={result} number={i + 1} />
        </li>
      ))}
    </ol>
  );
}

const mostMatches = 8;

function StepOutcome({ result, number }: { result: StepResult; number: number }) {
  const { step, verdict, message, microseconds, matches, before, after, acts, ended, unavailable } = result;
  const Icon = icons[unavailable ? "not run" : verdict];
  return (
    <>
      <p className={css.outcome}>
        <span className={css.number}>{number}</span>
        <span className="clamp" title={step.name}>
          {describeStep(step)}
        </span>
        <span className={css.verdict} data-unavailable={unavailable}>
          <Icon size={14} aria-hidden />
          {unavailable ? "not available here" : verdict}
        </span>
        <span className={css.time}>{verdict === "not run" ? "" : took(microseconds)}</span>
      </p>
      {unavailable ? (
        <p className={css.detail}>It asks the host that runs it, so its answer is not known here. It went on as after “{verdict}”.</p>
      ) : (
        verdict !== "not run" && message !== "" && <p className={css.detail}>{message}</p>
      )}
      {matches.length > 0 && <Matches matches={matches} />}
      {acts.map((act) => (
        <p key={act} className={ended && act.startsWith("ends") ? css.ended : css.act}>
          <CornerDownRight size={13} aria-hidden /> {act}
        </p>
      ))}
      {before !== after && <ChangeOf number={number} before={before} after={after} />}
    </>
  );
}

/** What a step changed. Payloads may be large, so they are compared only when somebody looks. */
function ChangeOf({ number, before, after }: { number: number; before: string; after: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className={css.change} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>changed the payload</summary>
      {open && <JsonDiff label={`The payload before and after step ${number}`} before={before} after={after} />}
    </details>
  );
}

function Matches({ matches }: { matches: readonly string[] }) {
  const paths = [...new Set(matches)];
  // In plain text there are no paths.
  if (paths.every((path) => path === "")) return <p className={css.detail}>{count(matches.length, "place")} found</p>;
  return (
    <p className={css.matches}>
      <span className="visually-hidden">Found at: </span>
      {paths.slice(0, mostMatches).map((path) => (
        <code key={path}>{path || "the payload"}</code>
      ))}
      {paths.length > mostMatches && <span className="muted">and {paths.length - mostMatches} more</span>}
    </p>
  );
}
