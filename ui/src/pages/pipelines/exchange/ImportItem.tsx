import { CircleAlert, CircleCheck, LoaderCircle, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";

import type { Pipeline } from "../../../gen/protos/pipeline_pb";
import { JsonDiff } from "../../../parts/JsonDiff";
import { summarize } from "../../../parts/steps";
import { count, sentence } from "../../../parts/text";
import type { Choice, Item } from "./exchange";
import css from "./import.module.css";
import { editableText } from "../editor/json";
import type { Check } from "./useChecks";

export type Outcome = { state: "saving" } | { state: "saved"; choice: Choice } | { state: "failed"; reason: string };

interface Props {
  item: Item;
  check: Check | undefined;
  /** Notifications that the server lacks. */
  missing: readonly string[];
  choice: Choice;
  outcome: Outcome | undefined;
  locked: boolean;
  onChoose: (choice: Choice) => void;
}

/** One pipeline of a file: what would become of it, and the choice. */
export function ImportItem({ item, check, missing, choice, outcome, locked, onChoose }: Props) {
  const { name, pipeline, problem, known, same } = item;
  const fixed = locked || !pipeline || check?.state === "refused" || outcome?.state === "saved";
  return (
    <li className={css.item} data-choice={choice}>
      <div className={css.itemHead}>
        <span className={css.title}>
          <strong>{name}</strong>
          <span className="truncate">{pipeline ? summarize(pipeline) : "cannot be read"}</span>
        </span>
        <select aria-label={`What to do with ${name}`} value={choice} disabled={fixed} onChange={(event) => onChoose(event.target.value as Choice)}>
          {known && <option value="replace">Replace</option>}
          {pipeline && <option value="create">{known ? "Create another" : "Create"}</option>}
          <option value="skip">Skip</option>
        </select>
      </div>
      {problem !== undefined && <Line kind="wrong">{problem}</Line>}
      {pipeline && <Line kind="plain">{effect(item)}</Line>}
      <CheckLine check={check} />
      {missing.length > 0 && (
        <Line kind="warn">
          It sends {count(missing.length, "notification")} that this server does not have: {missing.join(", ")}. Nobody would be told.
        </Line>
      )}
      {pipeline && known && !same && (
        <Changes name={name} before={known.pipeline} after={pipeline} />
      )}
      <OutcomeLine outcome={outcome} />
    </li>
  );
}

/** What a replacement changes, compared when somebody looks. */
function Changes({ name, before, after }: { name: string; before: Pipeline; after: Pipeline }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>what would change</summary>
      {open && <JsonDiff label={`Changes of ${name}`} before={editableText(before)} after={editableText(after)} />}
    </details>
  );
}

function effect({ pipeline, known, same }: Item): string {
  if (!known) return "New here.";
  const { operations } = known;
  const sessions = new Set(operations.flatMap((operation) => operation.sessions)).size;
  const reach = operations.length === 0 ? "not attached" : `used by ${count(operations.length, "operation")}, ${count(sessions, "live session")}`;
  const how = known.pipeline.id === pipeline!.id ? "" : " There is one of this name under another id.";
  return same ? `The server has it just so (${reach}).` : `It is here in another version (${reach}).${how}`;
}

type Kind = "plain" | "fine" | "warn" | "wrong" | "busy";

const icons = { plain: undefined, fine: CircleCheck, warn: TriangleAlert, wrong: CircleAlert, busy: LoaderCircle };

function Line({ kind, children }: { kind: Kind; children: ReactNode }) {
  const Icon = icons[kind];
  return (
    <p className={css.line} data-kind={kind} role={kind === "wrong" ? "alert" : undefined}>
      {Icon && <Icon size={14} aria-hidden />}
      <span>{children}</span>
    </p>
  );
}

function CheckLine({ check }: { check: Check | undefined }) {
  switch (check?.state) {
    case "checking":
      return <Line kind="busy">Asking the server …</Line>;
    case "fine":
      return <Line kind="fine">The server would save it.</Line>;
    case "unknown":
      return <Line kind="warn">It could not be checked: {check.reason}</Line>;
    case "refused":
      return check.problems.map((problem) => (
        <Line key={problem} kind="wrong">
          {sentence(problem)}
        </Line>
      ));
    default:
      return null;
  }
}

function OutcomeLine({ outcome }: { outcome: Outcome | undefined }) {
  if (outcome?.state === "saving") return <Line kind="busy">Saving …</Line>;
  if (outcome?.state === "saved") return <Line kind="fine">{outcome.choice === "replace" ? "Replaced." : "Created."}</Line>;
  if (outcome?.state === "failed") return <Line kind="wrong">Not saved: {sentence(outcome.reason)}</Line>;
  return null;
}
