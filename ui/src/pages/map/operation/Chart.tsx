import "uplot/dist/uPlot.min.css";

import { type KeyboardEvent, useRef } from "react";

import { type ChartOf, perSecond } from "./charts";
import css from "./live.module.css";
import { usePlot } from "./usePlot";

interface Props {
  chart: ChartOf;
  /** Of the points, in seconds since 1970. */
  times: readonly number[];
  /** The point that is looked at, in all charts alike; undefined: the newest. */
  at: number | undefined;
  onAt: (at: number | undefined) => void;
}

/** A curve of the last hour. Pointer and arrow keys look at one point in time. */
export function Chart({ chart, times, at, onAt }: Props) {
  const root = useRef<HTMLElement>(null);
  const canvas = usePlot(root, chart, times, at, onAt);
  const last = times.length - 1;
  const shown = Math.min(at ?? last, last);
  const several = chart.lines.length > 1;
  const value = (values: readonly number[]) => perSecond(values[shown] ?? 0, chart.unit);
  return (
    <section ref={root} className={css.chart} aria-label={chart.title}>
      <header className={css.head}>
        <h3>{chart.title}</h3>
        <span className={css.time}>{at === undefined ? "latest" : clock(times[shown]!)}</span>
        {!several && <Value index={0} text={value(chart.lines[0]!.values)} />}
      </header>
      {several && (
        <ul className={css.legend}>
          {chart.lines.map(({ name, values }, i) => (
            <li key={i}>
              <span className="truncate">{name}</span>
              <Value index={i} text={value(values)} />
            </li>
          ))}
        </ul>
      )}
      <div
        ref={canvas}
        className={css.canvas}
        role="slider"
        tabIndex={0}
        aria-label={`${chart.title}, point in time`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={shown}
        aria-valuetext={`${clock(times[shown]!)}: ${chart.lines.map(({ name, values }) => (several ? `${name} ` : "") + value(values)).join(", ")}`}
        onKeyDown={(event) => onKey(event, shown, last, at, onAt)}
        onBlur={() => onAt(undefined)}
      />
    </section>
  );
}

/** A value with the mark of its line; the curve takes its colour from the mark. */
function Value({ index, text }: { index: number; text: string }) {
  return (
    <span className={css.value}>
      <span className={css.mark} data-line={index % 6} data-dashed={index >= 6} aria-hidden />
      {text}
    </span>
  );
}

const page = 30;

function onKey(event: KeyboardEvent, shown: number, last: number, at: number | undefined, onAt: (at: number | undefined) => void) {
  const steps: Record<string, number> = {
    ArrowLeft: shown - 1,
    ArrowDown: shown - 1,
    ArrowRight: shown + 1,
    ArrowUp: shown + 1,
    PageDown: shown - page,
    PageUp: shown + page,
    Home: 0,
    End: last,
  };
  const next = steps[event.key];
  if (next !== undefined) onAt(Math.max(0, Math.min(last, next)));
  else if (event.key === "Escape" && at !== undefined) onAt(undefined);
  else return;
  event.preventDefault();
}

function clock(time: number): string {
  return new Date(time * 1_000).toLocaleTimeString("en-GB");
}
