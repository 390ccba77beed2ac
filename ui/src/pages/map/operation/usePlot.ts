import { type RefObject, useEffect, useRef } from "react";
import uPlot from "uplot";

import { brief } from "../../../parts/rate";
import { type ChartOf, hour } from "./charts";

const height = 92;
// A node that has just started would else show a sliver.
const shortest = 300;

/** Draws a chart into the element that the returned reference is given to, and keeps it up to date. */
export function usePlot(
  root: RefObject<HTMLElement | null>,
  chart: ChartOf,
  times: readonly number[],
  at: number | undefined,
  onAt: (at: number | undefined) => void,
) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const heard = useRef(onAt);
  heard.current = onAt;
  const data = [times, ...chart.lines.map(({ values }) => values)] as unknown as uPlot.AlignedData;
  const newest = useRef(data);
  newest.current = data;
  const { unit } = chart;
  const lines = chart.lines.length;

  useEffect(() => {
    const [element, parent] = [box.current!, root.current!];
    const made = new uPlot(options(parent, element.clientWidth, unit, lines, (index) => heard.current(index)), newest.current, element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const stopTheme = onTheme(() => made.redraw(false));
    return () => {
      resized.disconnect();
      stopTheme();
      made.destroy();
      plot.current = undefined;
    };
  }, [root, unit, lines]);

  useEffect(() => plot.current?.setData(newest.current), [times, chart]);

  useEffect(() => {
    const time = at === undefined ? undefined : times[at];
    const left = time === undefined ? -10 : (plot.current?.valToPos(time, "x") ?? -10);
    plot.current?.setCursor({ left, top: 0 }, false);
  }, [at, times]);

  return box;
}

function options(root: HTMLElement, width: number, unit: ChartOf["unit"], lines: number, onAt: (at: number | undefined) => void): uPlot.Options {
  const mark = (line: number) => getComputedStyle(root.querySelectorAll("[data-line]")[line] ?? root).color;
  const muted = () => getComputedStyle(root).color;
  const line = () => getComputedStyle(root).borderBottomColor;
  const axis = { stroke: muted, font: "11px system-ui, sans-serif", ticks: { show: false } };
  return {
    width,
    height,
    padding: [6, 6, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true, range: ({ data: [times] }) => spanOf(times) },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      { ...axis, size: 20, gap: 4, space: 72, grid: { show: false }, values: (_, ticks) => ticks.map(minuteOf) },
      {
        ...axis,
        size: 44,
        gap: 6,
        space: 28,
        grid: { stroke: line, width: 1 },
        values: (_, ticks) => ticks.map((tick) => (unit === "bytes" ? `${brief(tick)}B` : brief(tick))),
      },
    ],
    series: [
      {},
      ...Array.from({ length: lines }, (_, i) => ({
        stroke: () => mark(i),
        width: 1.5,
        points: { show: false },
        ...(lines === 1 && { fill: () => mark(i).replace(/^rgb\((.*)\)$/, "rgba($1, 0.12)") }),
        ...(i >= 6 && { dash: [4, 3] }),
      })),
    ],
    hooks: { setCursor: [(u) => onAt(u.cursor.idx ?? undefined)] },
  };
}

/** From when to when a chart goes: the whole hour, or since the node started. */
function spanOf(times: ArrayLike<number>): [number, number] {
  const [first, last] = [times[0]!, times[times.length - 1]!];
  return [last - Math.min(hour, Math.max(shortest, last - first)), last];
}

function minuteOf(time: number): string {
  return new Date(time * 1_000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** Calls back when light turns to dark or back, until the returned function is called. */
function onTheme(changed: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", changed);
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    dark.removeEventListener("change", changed);
    chosen.disconnect();
  };
}
