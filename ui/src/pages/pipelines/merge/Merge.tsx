import { useMemo, useState } from "react";

import type { Pipeline } from "../../../gen/protos/pipeline_pb";
import { Button } from "../../../parts/Button";
import { Dialog } from "../../../parts/Dialog";
import { JsonDiff } from "../../../parts/JsonDiff";
import { age, count } from "../../../parts/text";
import { InWords } from "../InWords";
import { editableText } from "../editor/json";
import { MergeParts } from "./MergeParts";
import css from "./merge.module.css";
import { conflictsOf, merged, type Merging, mergingOf, only, type Picks, type Side } from "./merging";

interface Props {
  /** The pipeline that both began with. */
  base: Pipeline;
  mine: Pipeline;
  /** As it is saved now. */
  theirs: Pipeline;
  /** Takes what shall become of it, to be saved in the place of theirs. */
  onChoose: (pipeline: Pipeline) => void;
  /** Leaves everything as it is; the draft stays. */
  onClose: () => void;
}

type Way = "both" | Side;

/** Asks what shall become of a pipeline that somebody else saved while one changed it. */
export function Merge({ base, mine, theirs, onChoose, onClose }: Props) {
  const merging = useMemo(() => mergingOf(base, mine, theirs), [base, mine, theirs]);
  const conflicts = useMemo(() => conflictsOf(merging), [merging]);
  const [way, setWay] = useState<Way>("both");
  const [picks, setPicks] = useState<Picks>({});
  const open = way === "both" ? conflicts.filter((key) => picks[key] === undefined) : [];
  const result = useMemo(() => (way === "both" ? merged(merging, picks) : only(merging, way)), [merging, way, picks]);
  return (
    <Dialog
      wide
      title={`${theirs.name || "This pipeline"} was saved by somebody else`}
      onClose={onClose}
      footer={
        <>
          <p className={css.open} role="status">
            {open.length > 0 ? `${count(open.length, "part")} left to decide` : ""}
          </p>
          <Button onClick={onClose}>Back to my draft</Button>
          <Button kind="primary" disabled={open.length > 0} onClick={() => onChoose(result)}>
            {actions[way]}
          </Button>
        </>
      }
    >
      <p>
        {when(theirs)} Your draft began with an earlier version. Nothing is saved or lost until you decide.
      </p>
      <Ways way={way} onChange={setWay} conflicts={conflicts.length} />
      {way === "both" && <MergeParts merging={merging} picks={picks} onPick={(key, side) => setPicks({ ...picks, [key]: side })} />}
      {open.length === 0 && <Result merging={merging} result={result} />}
    </Dialog>
  );
}

const actions: Record<Way, string> = { both: "Use the merged version", mine: "Use my version", theirs: "Take theirs, drop my draft" };

function when({ UpdatedAtUnixTsUtc }: Pipeline): string {
  const updated = Number(UpdatedAtUnixTsUtc ?? 0n) * 1_000;
  return updated > 0 ? `That was ${age(Date.now() - updated)} ago.` : "";
}

interface WaysProps {
  way: Way;
  onChange: (way: Way) => void;
  conflicts: number;
}

function Ways({ way, onChange, conflicts }: WaysProps) {
  const ways: readonly (readonly [Way, string, string])[] = [
    [
      "both",
      "Merge both",
      conflicts === 0 ? "You changed different parts, so both fit together." : `${count(conflicts, "part was", "parts were")} changed by both: decide below.`,
    ],
    ["mine", "Keep mine", "Their changes are replaced by your version."],
    ["theirs", "Take theirs", "Your changes are dropped."],
  ];
  return (
    <fieldset className={css.ways}>
      <legend className="visually-hidden">What to use</legend>
      {ways.map(([id, title, explanation]) => (
        <label key={id} className={css.way}>
          <input type="radio" name="way" checked={way === id} onChange={() => onChange(id)} />
          <strong>{title}</strong>
          <span>{explanation}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Result({ merging, result }: { merging: Merging; result: Pipeline }) {
  return (
    <section className={css.result} aria-label="Result">
      <h2>The result</h2>
      <InWords steps={result.steps} />
      <JsonDiff
        label="What saving it will change"
        before={editableText(merging.theirs)}
        after={editableText(result)}
        same="It is what they saved, so there is nothing to save."
      />
    </section>
  );
}
