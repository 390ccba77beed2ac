import { ArrowDown, ArrowUp, Pause, Play, Unlink } from "lucide-react";
import { Link } from "wouter";

import { useCanEdit, useConsole } from "../../live/context";
import type { Assignment, Operation } from "../../live/model";
import { IconButton } from "../../parts/Button";
import { Picker } from "../../parts/Picker";
import { summarize } from "../../parts/steps";
import { count } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { useMapView } from "./context";
import css from "./pipelines-tab.module.css";

/** The pipelines of an operation in the order they run. */
export function PipelinesTab({ operation }: { operation: Operation }) {
  const { model } = useMapView();
  const canEdit = useCanEdit();
  const work = useAssignmentWork(operation);
  const attached = new Set(operation.pipelines.map(({ id }) => id));
  const choices = [...model.pipelines.values()]
    .filter(({ pipeline }) => !attached.has(pipeline.id))
    .map(({ pipeline }) => ({ id: pipeline.id, label: pipeline.name, hint: summarize(pipeline) }));
  return (
    <div className={css.tab}>
      {operation.pipelines.length === 0 ? (
        <p className={css.none}>Messages pass through unchanged: no pipeline is attached.</p>
      ) : (
        <ol className={css.list} aria-label="Attached pipelines in the order they run">
          {operation.pipelines.map((assignment, index) => (
            <Row
              key={keyAt(operation.pipelines, index)}
              assignment={assignment}
              index={index}
              last={index === operation.pipelines.length - 1}
              canEdit={canEdit}
              work={work}
            />
          ))}
        </ol>
      )}
      <Picker
        label="Attach a pipeline"
        placeholder="Find a pipeline to attach"
        choices={choices}
        disabled={!canEdit}
        onPick={({ id }) => work.attach(id)}
        empty={
          <>
            {model.pipelines.size === 0 ? "There are no pipelines yet." : "All pipelines are attached."}{" "}
            <Link href="/pipelines?new=mask-email">Create one</Link>
          </>
        }
      />
      <p className={css.reach}>
        {operation.sessions.length > 0
          ? `Changes reach ${count(operation.sessions.length, "live session")} at once.`
          : "No session is live; changes apply when one connects."}
      </p>
    </div>
  );
}

/** A list may name a pipeline twice; the second one is told apart by how many came before it. */
function keyAt(list: readonly Assignment[], index: number): string {
  const { id } = list[index]!;
  return `${id}/${list.slice(0, index).filter((one) => one.id === id).length}`;
}

type Work = ReturnType<typeof useAssignmentWork>;

interface RowProps {
  assignment: Assignment;
  index: number;
  last: boolean;
  canEdit: boolean;
  work: Work;
}

function Row({ assignment: { id, paused }, index, last, canEdit, work }: RowProps) {
  const { model } = useMapView();
  const pipeline = model.pipelines.get(id)?.pipeline;
  const name = pipeline?.name ?? id;
  return (
    <li className={css.row} data-paused={paused}>
      <span className={css.number} aria-hidden>
        {index + 1}
      </span>
      <div className={css.about}>
        <span className={css.name}>
          <Link href={`/pipelines/${encodeURIComponent(id)}`} className="truncate" title={name}>
            {name}
          </Link>
          {paused && <span className={css.paused}>paused</span>}
        </span>
        <span className={css.steps} title={pipeline && summarize(pipeline)}>
          {pipeline ? summarize(pipeline) : "This pipeline no longer exists."}
        </span>
      </div>
      <div className={css.buttons}>
        <IconButton label={`Move ${name} up`} disabled={!canEdit || index === 0} onClick={() => work.move(id, index - 1)}>
          <ArrowUp size={14} />
        </IconButton>
        <IconButton label={`Move ${name} down`} disabled={!canEdit || last} onClick={() => work.move(id, index + 1)}>
          <ArrowDown size={14} />
        </IconButton>
        <IconButton
          label={paused ? `Resume ${name}` : `Pause ${name}`}
          disabled={!canEdit}
          onClick={() => work.pause(id, !paused)}
        >
          {paused ? <Play size={14} /> : <Pause size={14} />}
        </IconButton>
        <IconButton label={`Detach ${name}`} disabled={!canEdit} onClick={() => work.detach(id)}>
          <Unlink size={14} />
        </IconButton>
      </div>
    </li>
  );
}

/** The changes to an operation's list, each with its words for success and failure. */
function useAssignmentWork(operation: Operation) {
  const { actions } = useConsole();
  const { model } = useMapView();
  const toasts = useToasts();
  const name = (id: string) => model.pipelines.get(id)?.pipeline.name ?? id;
  const where = operation.operation;

  const attempt = (work: Promise<void>, failure: string, success?: () => void) =>
    void work.then(success, (error: unknown) => toasts.failed(failure, error));

  const attach = (id: string) =>
    attempt(actions.attach(operation, id), `${name(id)} was not attached`, () =>
      toasts.done(`Attached ${name(id)} to ${where}`, () =>
        attempt(actions.detach(operation, id), `${name(id)} was not detached`),
      ),
    );
  const detach = (id: string) => {
    const position = operation.pipelines.findIndex((one) => one.id === id);
    const paused = operation.pipelines[position]?.paused ?? false;
    const undo = async () => {
      await actions.attach(operation, id, position);
      if (paused) await actions.pause(operation, id, true);
    };
    attempt(actions.detach(operation, id), `${name(id)} was not detached`, () =>
      toasts.done(`Detached ${name(id)} from ${where}`, () => attempt(undo(), `${name(id)} was not attached again`)),
    );
  };
  const pause = (id: string, paused: boolean) =>
    attempt(actions.pause(operation, id, paused), `${name(id)} was not ${paused ? "paused" : "resumed"}`, () =>
      toasts.done(`${paused ? "Paused" : "Resumed"} ${name(id)} on ${where}`),
    );
  const move = (id: string, place: number) =>
    attempt(actions.move(operation, id, place), `${name(id)} was not moved`);

  return { attach, detach, pause, move };
}
