import type { Announcements, UniqueIdentifier } from "@dnd-kit/core";
import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { CircleAlert, GripVertical } from "lucide-react";
import { Link } from "wouter";

import type { PipelineStep } from "../../../gen/protos/pipeline_pb";
import { Sortable } from "../../../parts/Sortable";
import { describeStep } from "../../../parts/steps";
import { bytes } from "../../../parts/text";
import { consequence, whens, whenText } from "../step/conditions";
import css from "./step-list.module.css";

export interface StepRow {
  key: string;
  step: PipelineStep;
  problem: string | undefined;
  moduleBytes: number;
}

interface Props {
  rows: readonly StepRow[];
  /** The chosen step's key. */
  chosen: string | undefined;
  urlOf: (place: number) => string;
  onMove: (key: string, place: number) => void;
  readOnly: boolean;
}

/** The steps in order; drag them, or move them with Space and the arrow keys. */
export function StepList({ rows, chosen, urlOf, onMove, readOnly }: Props) {
  const keys = rows.map(({ key }) => key);
  const place = (id: UniqueIdentifier | undefined) => keys.indexOf(String(id)) + 1;
  const announcements: Announcements = {
    onDragStart: ({ active }) => `Step ${place(active.id)} of ${keys.length} is picked up.`,
    onDragOver: ({ over }) => (over ? `It would become step ${place(over.id)} of ${keys.length}.` : undefined),
    onDragEnd: ({ active, over }) => (over && over.id !== active.id ? `It is step ${place(over.id)} now.` : "It stays where it was."),
    onDragCancel: () => "It stays where it was.",
  };
  return (
    <Sortable
      keys={keys}
      label="Steps"
      className={css.list}
      disabled={readOnly}
      modifiers={[vertical]}
      accessibility={{ announcements, screenReaderInstructions }}
      onMove={(from, to) => onMove(keys[from]!, to)}
    >
      {rows.map((row, place) => (
        <Row key={row.key} row={row} place={place} url={urlOf(place)} current={row.key === chosen} readOnly={readOnly} />
      ))}
    </Sortable>
  );
}

const screenReaderInstructions = {
  draggable: "Press the space bar to pick the step up, the arrow keys to move it, the space bar to put it down, and escape to leave it where it was.",
};

const vertical = <T extends { x: number }>({ transform }: { transform: T }): T => ({ ...transform, x: 0 });

interface RowProps {
  row: StepRow;
  place: number;
  url: string;
  current: boolean;
  readOnly: boolean;
}

function Row({ row: { key, step, problem, moduleBytes }, place, url, current, readOnly }: RowProps) {
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({ id: key });
  const acts = whens.flatMap(({ when }) => {
    const said = consequence(step[when]);
    return said === "continue" ? [] : [`${whenText(step, when).toLowerCase()}: ${said}`];
  });
  return (
    <li ref={setNodeRef} className={css.item} data-dragging={isDragging} style={{ transform: CSS.Translate.toString(transform), transition }}>
      {!readOnly && (
        <button ref={setActivatorNodeRef} type="button" className={css.grip} {...attributes} {...listeners} aria-label={`Reorder step ${place + 1}`}>
          <GripVertical size={14} aria-hidden />
        </button>
      )}
      <Link href={url} className={css.link} aria-current={current ? "true" : undefined}>
        <span className={css.number}>{place + 1}</span>
        <span className={css.text}>
          <span className="clamp" title={step.name}>
            {describeStep(step)}
          </span>
          {problem !== undefined && (
            <span className={css.problem}>
              <CircleAlert size={12} aria-hidden /> {problem}
            </span>
          )}
          {problem === undefined &&
            acts.map((act) => (
              <span key={act} className={css.acts}>
                {act}
              </span>
            ))}
        </span>
        {problem === undefined && <span className={css.size}>{moduleBytes > 0 && bytes(moduleBytes)}</span>}
      </Link>
    </li>
  );
}
