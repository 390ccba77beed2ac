import type { Charts } from "../../../gen/streamdal/console/v1/console_pb";
import { type ChartOf, perMinute, perSecond, timesOf } from "./charts";
import css from "./live.module.css";

/** The same numbers as the charts', as means of whole minutes, the newest first. */
export function ChartTable({ charts, shown }: { charts: Charts; shown: readonly ChartOf[] }) {
  const points = Math.max(1, Math.round(60 / charts.stepSeconds));
  const times = timesOf(charts);
  const columns = shown.flatMap(({ unit, lines }) => lines.map(({ values }) => ({ unit, values: perMinute(values, charts) })));
  const minutes = columns[0]!.values.length;
  if (minutes === 0) return <p className={css.few}>The first minute is not over yet.</p>;
  return (
    <div className={css.tableBox} tabIndex={0} role="region" aria-label="The last hour, minute by minute">
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              Minute until
            </th>
            {shown.map(({ title, lines }) => (
              <th key={title} scope="colgroup" colSpan={lines.length} rowSpan={lines[0]!.name === title ? 2 : 1}>
                {title}
              </th>
            ))}
          </tr>
          <tr>
            {shown.flatMap(({ title, lines }) =>
              lines
                .filter(({ name }) => name !== title)
                .map(({ name }, i) => (
                  <th key={`${title} ${i}`} scope="col">
                    {name}
                  </th>
                )),
            )}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: minutes }, (_, ago) => (
            <tr key={ago}>
              <th scope="row">{new Date(times[times.length - 1 - ago * points]! * 1_000).toLocaleTimeString("en-GB")}</th>
              {columns.map(({ unit, values }, i) => (
                <td key={i}>{perSecond(values[minutes - 1 - ago]!, unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
