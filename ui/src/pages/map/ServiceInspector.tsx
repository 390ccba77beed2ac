import type { Group, Service } from "../../live/model";
import { DirectionMark } from "../../parts/Direction";
import { LanguageMark } from "../../parts/Language";
import { Sessions } from "../../parts/Sessions";
import { count } from "../../parts/text";
import { useMapView } from "./context";
import css from "./inspector.module.css";
import { Panel } from "./Inspector";

export function ServiceInspector({ service }: { service: Service }) {
  return (
    <Panel
      mark={<LanguageMark language={service.languages[0]} />}
      title={service.name}
      subtitle={`Service · ${count(service.sessions.length, "live session")}`}
    >
      <div className={css.scroll}>
        <Operations groups={service.groups} where={(group) => group.component} />
        <h3>Sessions</h3>
        <Sessions sessions={service.sessions} nobody="No SDK of this service is connected now." />
      </div>
    </Panel>
  );
}

/** The operations of some groups, each a way to its own panel. */
export function Operations({ groups, where }: { groups: Group[]; where: (group: Group) => string }) {
  const { select } = useMapView();
  return (
    <>
      <h3>Operations</h3>
      <ul className={css.rows}>
        {groups.flatMap((group) =>
          group.operations.map((operation) => (
            <li key={operation.key}>
              <button type="button" className={css.row} onClick={() => select({ kind: "op", id: operation.key })}>
                <DirectionMark direction={operation.direction} />
                <span className="truncate">{operation.operation}</span>
                <span className="muted truncate">{where(group)}</span>
                <span className="muted">{operation.sessions.length} live</span>
              </button>
            </li>
          )),
        )}
      </ul>
    </>
  );
}
