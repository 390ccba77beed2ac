import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ArrowDown, ArrowUp, CircleCheck, CircleDashed, GripVertical, Pause, Play, Unlink } from "lucide-react";
import { type MouseEvent, useEffect, useRef } from "react";
import { Link } from "wouter";

import type { Charts } from "../../../gen/streamdal/console/v1/console_pb";
import { usePicture } from "../../../live/context";
import type { Assignment } from "../../../live/model";
import { IconButton } from "../../../parts/Button";
import { type DeliveryCounts, deliverySentence } from "../../../parts/delivery";
import { brief } from "../../../parts/rate";
import { summarize } from "../../../parts/steps";
import { chartOf, lastMinute, perMinute } from "./charts";
import css from "./pipelines.module.css";
import { Spark } from "./Spark";
import type { Assignments } from "./useAssignments";

interface Props {
  sortKey: string;
  index: number;
  list: readonly Assignment[];
  charts: Charts | undefined;
  deliveries: DeliveryCounts | undefined;
  canEdit: boolean;
  work: Assignments;
  onDetach: (id: string) => void;
}

export function PipelineRow({ sortKey, index, list, charts, deliveries, canEdit, work, onDetach }: Props) {
  const { id, paused } = list[index]!;
  const { model } = usePicture();
  const pipeline = model?.pipelines.get(id)?.pipeline;
  const name = pipeline?.name ?? id;
  const sortable = useSortable({ id: sortKey });
  const style = { transform: CSS.Translate.toString(sortable.transform), transition: sortable.transition };
  return (
    <li ref={sortable.setNodeRef} style={style} className={css.row} data-paused={paused} data-dragged={sortable.isDragging}>
      {canEdit && list.length > 1 && (
        <button
          ref={sortable.setActivatorNodeRef}
          type="button"
          className={css.handle}
          aria-label={`Drag ${name}`}
          aria-describedby={sortable.attributes["aria-describedby"]}
          {...sortable.listeners}
        >
          <GripVertical size={14} aria-hidden />
        </button>
      )}
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
        <span className={css.steps}>{pipeline ? summarize(pipeline) : "This pipeline no longer exists."}</span>
        <div className={css.foot}>
          <div>
            <Counts charts={charts} id={id} />
            {deliveries && deliveries.total > 0 && <Delivered deliveries={deliveries} paused={paused} />}
          </div>
          {canEdit && <Buttons id={id} name={name} paused={paused} index={index} of={list.length} work={work} onDetach={onDetach} />}
        </div>
      </div>
    </li>
  );
}

interface ButtonsProps {
  id: string;
  name: string;
  paused: boolean;
  index: number;
  of: number;
  work: Assignments;
  onDetach: (id: string) => void;
}

function Buttons({ id, name, paused, index, of, work, onDetach }: ButtonsProps) {
  const keepFocus = useFocusOfMoved(index);
  return (
    <div className={css.buttons}>
      {of > 1 && (
        <>
          <IconButton label={`Move ${name} up`} disabled={index === 0} onClick={keepFocus(() => work.move(id, index - 1))}>
            <ArrowUp size={14} />
          </IconButton>
          <IconButton label={`Move ${name} down`} disabled={index === of - 1} onClick={keepFocus(() => work.move(id, index + 1))}>
            <ArrowDown size={14} />
          </IconButton>
        </>
      )}
      <IconButton label={paused ? `Resume ${name}` : `Pause ${name}`} onClick={() => work.pause(id, !paused)}>
        {paused ? <Play size={14} /> : <Pause size={14} />}
      </IconButton>
      <IconButton label={`Detach ${name}`} onClick={() => onDetach(id)}>
        <Unlink size={14} />
      </IconButton>
    </div>
  );
}

/** Browsers take the focus from a row that moves; this gives it back to the button, or to its neighbour where that can do no more. */
function useFocusOfMoved(index: number) {
  const pressed = useRef<HTMLButtonElement>(undefined);
  useEffect(() => {
    const button = pressed.current;
    pressed.current = undefined;
    if (button?.disabled) button.parentElement?.querySelector<HTMLButtonElement>("button:enabled")?.focus();
    else button?.focus();
  }, [index]);
  return (move: () => void) => (event: MouseEvent<HTMLButtonElement>) => {
    pressed.current = event.currentTarget;
    move();
  };
}

/** What the pipeline did here in the last minute that is known. */
function Counts({ charts, id }: { charts: Charts | undefined; id: string }) {
  if (!charts) return <span className={css.counts}> </span>;
  const chart = chartOf(charts, id);
  if (charts.processed.length === 0) return <span className={css.counts}>counts appear half a minute after the server’s start</span>;
  const runs = lastMinute(chart?.processed ?? [0], charts) ?? 0;
  const errors = lastMinute(chart?.errors ?? [0], charts) ?? 0;
  return (
    <span className={css.counts} title="Mean of the last minute that is known, some 20 seconds ago">
      <span>{brief(runs)} runs/min</span>
      <span data-bad={errors > 0}>{brief(errors)} errors/min</span>
      <Spark values={chart ? perMinute(chart.processed, charts) : []} />
    </span>
  );
}

function Delivered({ deliveries, paused }: { deliveries: DeliveryCounts; paused: boolean }) {
  const all = deliveries.current === deliveries.total;
  const Icon = all ? CircleCheck : CircleDashed;
  return (
    <span className={css.delivered} data-all={all}>
      <Icon size={12} aria-hidden />
      <span>{paused ? deliverySentence(deliveries, "left it out", "left it out") : deliverySentence(deliveries)}</span>
    </span>
  );
}
