// What the server's charts say, in the units that people read.
import type { Charts, PipelineChart } from "../../../gen/streamdal/console/v1/console_pb";
import { byteRate, rateOf } from "../../../parts/rate";

const minute = 60;
export const hour = 3_600;

/** How much there was in the last known minute; undefined while less than one point is known. */
export function lastMinute(perSecond: readonly number[], { stepSeconds }: Charts): number | undefined {
  const points = perSecond.slice(-Math.max(1, Math.round(minute / stepSeconds)));
  if (points.length === 0) return undefined;
  return (points.reduce((sum, value) => sum + value, 0) / points.length) * minute;
}

/** The ends of the steps, in seconds since 1970. */
export function timesOf({ endUnixMs, stepSeconds, processed }: Charts): number[] {
  const end = Number(endUnixMs) / 1_000;
  return processed.map((_, i) => end - (processed.length - 1 - i) * stepSeconds);
}

/** When the charts begin, in milliseconds since 1970, if that is less than an hour ago: when the node started. */
export function beginning({ endUnixMs, stepSeconds, processed }: Charts): number | undefined {
  const known = processed.length * stepSeconds;
  // The newest steps of a whole hour are not told before they are complete.
  return known >= hour - 3 * stepSeconds ? undefined : Number(endUnixMs) - known * 1_000;
}

export function chartOf({ pipelines }: Charts, id: string): PipelineChart | undefined {
  return pipelines.find(({ pipelineId }) => pipelineId === id);
}

export interface Line {
  name: string;
  values: readonly number[];
}

export interface ChartOf {
  title: string;
  unit: "msg" | "bytes" | "runs" | "errors" | "notifications";
  lines: Line[];
}

/** The charts of an operation; that of notifications only when steps asked for some. Pipelines have lines of their own where there are several to tell apart. */
export function chartsOf(charts: Charts, nameOf: (id: string) => string): ChartOf[] {
  const of = (what: (chart: PipelineChart) => readonly number[]) =>
    charts.pipelines.map((chart) => ({ name: nameOf(chart.pipelineId), values: what(chart) }));
  const made: ChartOf[] = [
    { title: "Messages", unit: "msg", lines: [{ name: "Messages", values: charts.processed }] },
    { title: "Data", unit: "bytes", lines: [{ name: "Data", values: charts.bytes }] },
  ];
  if (charts.pipelines.length > 0) made.push({ title: "Runs of pipelines", unit: "runs", lines: of((chart) => chart.processed) });
  made.push({
    title: "Errors of steps",
    unit: "errors",
    lines: charts.pipelines.length > 1 ? of((chart) => chart.errors) : [{ name: "Errors of steps", values: charts.errors }],
  });
  if (some(charts.notifications)) {
    const lines = charts.pipelines.length > 1 ? of((chart) => chart.notifications) : [{ name: "Notifications", values: charts.notifications }];
    made.push({ title: "Notifications", unit: "notifications", lines });
  }
  return made;
}

const some = (values: readonly number[]) => values.some((value) => value > 0);

/** Whether nothing at all passed in the time that is known. */
export function isQuiet({ processed, errors, notifications, pipelines }: Charts): boolean {
  return ![processed, errors, notifications, ...pipelines.map((chart) => chart.processed)].some(some);
}

/** The mean of each whole minute, the newest last, for places that have not room for every point. */
export function perMinute(perSecond: readonly number[], { stepSeconds }: Charts): number[] {
  const points = Math.max(1, Math.round(minute / stepSeconds));
  const made: number[] = [];
  for (let end = perSecond.length; end >= points; end -= points) {
    made.unshift(perSecond.slice(end - points, end).reduce((sum, value) => sum + value, 0) / points);
  }
  return made;
}

/** A value with its unit per second. */
export function perSecond(value: number, unit: ChartOf["unit"]): string {
  return unit === "bytes" ? byteRate(value) : rateOf(value, unit);
}
