import { useId, useMemo, useState } from "react";

import { type Pipeline, PipelineDataFormat } from "../../../gen/protos/pipeline_pb";
import { useCanEdit } from "../../../live/context";
import type { Operation } from "../../../live/model";
import { Button } from "../../../parts/Button";
import { JsonDiff } from "../../../parts/JsonDiff";
import { JsonEditor } from "../../../parts/JsonEditor";
import { pretty } from "../../../parts/pretty";
import { count, sentence } from "../../../parts/text";
import { LiveMessage } from "./LiveMessage";
import { type Sample, useSample } from "./samples";
import { Source } from "./Source";
import { resultsOf, took } from "./trial";
import { TrialSteps } from "./TrialSteps";
import css from "./try-it.module.css";
import { useStart } from "./useStart";
import { type Trial, useTrial } from "./useTrial";

interface Props {
  /** As it would be saved. */
  pipeline: Pipeline;
  /** Those that use it: their schemas and messages make samples. */
  operations: readonly Operation[];
}

/** Shows what a pipeline does with a sample, step by step, while either is changed. Nothing is stored. */
export function TryIt({ pipeline, operations }: Props) {
  const canEdit = useCanEdit();
  const heading = useId();
  return (
    <section className={css.panel} aria-labelledby={heading}>
      <h3 id={heading}>Try it</h3>
      {canEdit ? <Bench pipeline={pipeline} operations={operations} /> : <p className="muted">To try a pipeline one needs the role editor.</p>}
    </section>
  );
}

function Bench({ pipeline, operations }: Props) {
  const [used, use] = useSample(pipeline.id);
  const plain = pipeline.dataFormat === PipelineDataFormat.PLAINTEXT;
  const start = useStart(operations, pipeline.dataFormat, used === undefined);
  const sample = used ?? start;
  const [asking, setAsking] = useState<Operation>();
  const tried = useMemo(() => (sample && pipeline.steps.length > 0 ? { ...pipeline, name: pipeline.name || "draft" } : undefined), [sample, pipeline]);
  const trial = useTrial(tried, sample?.text ?? "");
  const problem = plain || sample === undefined ? undefined : jsonProblem(sample.text);
  return (
    <>
      <Source sample={sample} operations={operations} plain={plain} onUse={use} onLive={setAsking} />
      <Text sample={sample} plain={plain} problem={problem} onChange={(text) => use({ text, source: "own" })} />
      {asking && (
        <LiveMessage
          operation={asking}
          onMessage={(text) => {
            use({ text: plain ? text : pretty(text), source: `live ${asking.key}` });
            setAsking(undefined);
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
      {pipeline.steps.length === 0 ? <p className="muted">Add a step to see what it does.</p> : <Results trial={trial} />}
    </>
  );
}

interface TextProps {
  sample: Sample | undefined;
  plain: boolean;
  problem: string | undefined;
  onChange: (text: string) => void;
}

function Text({ sample, plain, problem, onChange }: TextProps) {
  const id = useId();
  const json = useMemo(() => !plain && sample !== undefined && problem === undefined && pretty(sample.text) !== sample.text, [plain, sample, problem]);
  return (
    <div className={css.sample}>
      {plain ? (
        <textarea
          className={css.plain}
          aria-label="Sample payload"
          spellCheck={false}
          value={sample?.text ?? ""}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <JsonEditor
          label="Sample payload"
          value={sample?.text ?? ""}
          readOnly={sample === undefined}
          onChange={onChange}
          {...(problem === undefined ? {} : { describedBy: id })}
        />
      )}
      <p id={id} className={css.note} data-problem={problem !== undefined}>
        {problem ?? "It goes to the server to be tried, and is stored nowhere."}
        {json && (
          <Button kind="quiet" onClick={() => onChange(pretty(sample!.text))}>
            Format
          </Button>
        )}
      </p>
    </div>
  );
}

/** Why a text is not JSON. It can be tried all the same: a service may send it. */
function jsonProblem(text: string): string | undefined {
  if (text.trim() === "") return "The sample is empty.";
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `Not valid JSON: ${(error as Error).message.replace(/^JSON\.parse: /, "")}`;
  }
}

function Results({ trial }: { trial: Trial }) {
  const { answer, pipeline, payload, failure, running } = trial;
  const results = useMemo(() => (answer && pipeline ? resultsOf(pipeline, payload, answer) : undefined), [answer, pipeline, payload]);
  const after = useMemo(() => answer && new TextDecoder().decode(answer.payload), [answer]);
  const problem = failure ?? (answer?.problem || undefined);
  if (problem !== undefined) {
    return (
      <p className={css.problem} role="alert">
        {sentence(problem)}
      </p>
    );
  }
  if (!results || after === undefined) return <div className={css.bones} aria-hidden />;
  const ran = results.filter(({ verdict }) => verdict !== "not run");
  const total = ran.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const last = results.findIndex(({ ended }) => ended);
  return (
    <div className={css.results} data-old={running}>
      <p className={css.summary} role="status">
        <span>{last >= 0 ? `Ended at step ${last + 1} of ${results.length}` : `${ran.length} of ${count(results.length, "step")} ran`}</span>
        <span>{took(total)}</span>
      </p>
      <TrialSteps results={results} />
      <h4>Payload afterwards</h4>
      <JsonDiff label="The payload before and after the pipeline" before={payload} after={after} same="It stays as it is." />
    </div>
  );
}
