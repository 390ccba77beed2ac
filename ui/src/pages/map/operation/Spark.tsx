import css from "./spark.module.css";

const width = 44;
const height = 16;

/** A small curve of the last hour; the newest value is at the right edge. */
export function Spark({ values }: { values: readonly number[] }) {
  const top = Math.max(...values);
  const at = (value: number, i: number) =>
    `${(width - (values.length - 1 - i) * (width / 59)).toFixed(1)},${(height - 1 - (top > 0 ? (value / top) * (height - 2) : 0)).toFixed(1)}`;
  return (
    <svg className={css.spark} width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {values.length > 1 && <polyline points={values.slice(-60).map(at).join(" ")} />}
    </svg>
  );
}
