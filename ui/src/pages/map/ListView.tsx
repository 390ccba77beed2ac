import { Fragment } from "react";

import type { Model, Operation, Service } from "../../live/model";
import { DirectionMark } from "../../parts/Direction";
import { LanguageMark, languageName } from "../../parts/Language";
import { count } from "../../parts/text";
import { useMapView } from "./context";
import css from "./list.module.css";

/** The map's data as a table: for narrow screens, screen readers, and long reading. */
export function ListView({ shown }: { shown: Pick<Model, "services"> }) {
  return (
    <div className={css.scroll}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col">Component</th>
            <th scope="col">Sessions</th>
            <th scope="col">Pipelines</th>
          </tr>
        </thead>
        <tbody>
          {shown.services.map((service) => (
            <Fragment key={service.name}>
              <ServiceRow service={service} />
              {service.groups
                .flatMap((group) => group.operations)
                .map((operation) => (
                  <OperationRow key={operation.key} operation={operation} />
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
      {shown.services.length === 0 && <p className={css.none}>Nothing matches the filter.</p>}
    </div>
  );
}

function ServiceRow({ service }: { service: Service }) {
  const { select } = useMapView();
  return (
    <tr className={css.service}>
      <th scope="rowgroup" colSpan={4}>
        <button type="button" onClick={() => select({ kind: "service", id: service.name })}>
          <LanguageMark language={service.languages[0]} />
          {service.name}
          <span className="muted">
            {count(service.sessions.length, "live session")}
            {service.languages.length > 0 && ` · ${service.languages.map(languageName).join(", ")}`}
          </span>
        </button>
      </th>
    </tr>
  );
}

function OperationRow({ operation }: { operation: Operation }) {
  const { model, selection, select, matches } = useMapView();
  const { key, direction, component, sessions, pipelines } = operation;
  const selected = selection?.kind === "op" && selection.id === key;
  return (
    <tr className={css.operation} data-selected={selected} data-dim={matches !== undefined && !matches.has(key)}>
      <td>
        <button type="button" aria-pressed={selected} onClick={() => select(selected ? undefined : { kind: "op", id: key })}>
          <DirectionMark direction={direction} />
          <span>{operation.operation}</span>
          <span className="visually-hidden">{direction}</span>
        </button>
      </td>
      <td>{component}</td>
      <td className={css.live} data-live={sessions.length > 0}>
        {sessions.length} live
      </td>
      <td>
        <span className={css.pipelines}>
          {pipelines.map(({ id, paused }, index) => (
            <span key={`${id}/${index}`} className={css.chip} data-paused={paused}>
              {model.pipelines.get(id)?.pipeline.name ?? id}
              {paused && " (paused)"}
            </span>
          ))}
          {pipelines.length === 0 && <span className="muted">no pipelines</span>}
        </span>
      </td>
    </tr>
  );
}
