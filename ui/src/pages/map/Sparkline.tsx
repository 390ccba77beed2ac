import { useSyncExternalStore } from "react";

import { useConsole } from "../../live/context";
import { everySecond, second } from "../../parts/useSecond";
import css from "./sparkline.module.css";
import { steadily } from "./steady";

const width = 56;
const height = 16;
const moments = 30;
const subscribe = steadily(everySecond);

/** The last minute of some operations' messages; words beside it say the newest. */
export function Sparkline({ keys }: { keys: readonly string[] }) {
  const { rates } = useConsole().live;
  const values = rates.history(keys, moments, useSyncExternalStore(subscribe, second));
  const most = Math.max(...values, 0);
  if (most === 0) return <svg className={css.sparkline} width={width} height={height} aria-hidden />;
  const step = width / (moments - 1);
  const first = width - step * (values.length - 1);
  const points = values.map((value, i) => `${(first + i * step).toFixed(1)} ${(height - 1 - (value / most) * (height - 3)).toFixed(1)}`);
  return (
    <svg className={css.sparkline} width={width} height={height} aria-hidden>
      <path className={css.area} d={`M${first.toFixed(1)} ${height}L${points.join("L")}L${width} ${height}Z`} />
      <path className={css.line} d={`M${points.join("L")}`} />
    </svg>
  );
}
