import { Check, Minus, X } from "lucide-react";
import { useId, useMemo, useState } from "react";

import { useCanEdit } from "../../../live/context";
import { IconButton } from "../../../parts/Button";
import { Problem } from "../../../parts/Field";
import { regexAnswer, regexPipeline, samplePayload } from "./regex";
import css from "./regex-tester.module.css";
import { useTrial } from "../trial/useTrial";

const most = 20;

/** Values to test a pattern with. The answers are the server's, because its patterns are not those of browsers. */
export function RegexTester({ pattern, negate = false }: { pattern: string; negate?: boolean }) {
  const canEdit = useCanEdit();
  const heading = useId();
  const [samples, setSamples] = useState([""]);
  const pipeline = useMemo(() => (canEdit && pattern !== "" ? regexPipeline(pattern, negate) : undefined), [canEdit, pattern, negate]);
  const payload = useMemo(() => samplePayload(samples), [samples]);
  const trial = useTrial(pipeline, payload);
  const answer = useMemo(() => trial.answer && regexAnswer(trial.answer, trial.payload), [trial.answer, trial.payload]);
  if (!canEdit) return null;
  const change = (i: number, value: string) => {
    const next = samples.with(i, value);
    // There is always an empty field to go on with.
    setSamples(next.at(-1) !== "" && next.length < most ? [...next, ""] : next);
  };
  const problem = pattern === "" ? undefined : trial.failure;
  // The form beside it says what is wrong with a pattern.
  const usable = problem === undefined && !answer?.problem;
  return (
    <section className={css.tester} aria-labelledby={heading}>
      <h4 id={heading}>Test the pattern</h4>
      {problem !== undefined && (
        <Problem>
          <span className={css.said}>{problem}</span>
        </Problem>
      )}
      <ul className={css.samples}>
        {samples.map((sample, i) => (
          <li key={i}>
            <Verdict matches={sample === "" || !usable ? undefined : answer?.matches.get(sample)} />
            <input
              aria-label={`Sample ${i + 1}`}
              placeholder={i === 0 ? "A value to test" : "Another value"}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              value={sample}
              onChange={(event) => change(i, event.target.value)}
            />
            {samples.length > 1 && i < samples.length - 1 && (
              <IconButton label={`Remove sample ${i + 1}`} onClick={() => setSamples(samples.toSpliced(i, 1))}>
                <X size={14} />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whether a sample matches; nothing while that is not known. */
function Verdict({ matches }: { matches: boolean | undefined }) {
  const Icon = matches === undefined ? Minus : matches ? Check : X;
  return (
    <span className={css.verdict} data-matches={matches} role="status">
      <Icon size={14} aria-hidden />
      {matches === undefined ? "" : matches ? "match" : "no match"}
    </span>
  );
}
