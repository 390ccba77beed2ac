import { type MouseEvent, memo, useMemo } from "react";

import { byteRate } from "../../parts/rate";
import { DirectionMark } from "../../parts/Direction";
import { LanguageMark } from "../../parts/Language";
import { Errors, LiveCount, MessageRate } from "./bits";
import { useMapView } from "./context";
import { useFlowing } from "./flowing";
import css from "./list.module.css";
import type { Row } from "./rows";

interface Props {
  row: Row;
  /** Its place among all rows, from 0. */
  index: number;
  measure: (element: HTMLElement | null) => void;
}

export const ListRow = memo(function ListRow({ row: { operation, languages, pipelines }, index, measure }: Props) {
  const { selection, select, matches } = useMapView();
  const { key, service, direction, component, sessions } = operation;
  const keys = useMemo(() => [key], [key]);
  const selected = selection?.kind === "op" && selection.id === key;
  const open = () => select(selected ? undefined : { kind: "op", id: key });
  const openByRow = ({ target }: MouseEvent) => {
    if (!(target as Element).closest("button")) open();
  };
  return (
    <tr
      ref={measure}
      className={css.operation}
      data-index={index}
      aria-rowindex={index + 2}
      data-selected={selected}
      data-dim={matches !== undefined && !matches.has(key)}
      onClick={openByRow}
    >
      <td className={css.service}>
        <button type="button" title={service} onClick={() => select({ kind: "service", id: service })}>
          {service}
        </button>
      </td>
      <td className={css.name}>
        <button type="button" title={operation.operation} aria-pressed={selected} onClick={open}>
          {operation.operation}
        </button>
      </td>
      <td className={css.direction}>
        <span>
          <DirectionMark direction={direction} />
          {direction}
        </span>
      </td>
      <td className={css.component} title={component}>
        {component}
      </td>
      <td className={css.languages}>
        {languages.map((name) => (
          <span key={name}>
            <LanguageMark language={name} small />
            {name}
          </span>
        ))}
        {languages.length === 0 && <span className="muted">–</span>}
      </td>
      <td className={css.number}>
        <LiveCount live={sessions.length} />
      </td>
      <td className={css.pipelines}>
        <span title={pipelines.map(({ name, paused }) => name + (paused ? " (paused)" : "")).join(", ")}>
          {pipelines.map(({ name, paused }, at) => (
            <span key={`${name}/${at}`} className={css.chip} data-paused={paused}>
              {name}
              {paused && " (paused)"}
            </span>
          ))}
          {pipelines.length === 0 && <span className="muted">none</span>}
        </span>
      </td>
      <td className={css.number}>
        <MessageRate keys={keys} />
      </td>
      <td className={css.number}>
        <Bytes keys={keys} />
      </td>
      <td className={css.number}>
        <Errors keys={keys} />
      </td>
    </tr>
  );
});

function Bytes({ keys }: { keys: readonly string[] }) {
  return <>{useFlowing(keys, ({ bytes }) => byteRate(bytes))}</>;
}
