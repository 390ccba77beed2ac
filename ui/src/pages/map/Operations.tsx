import type { Group } from "../../live/model";
import { DirectionMark } from "../../parts/Direction";
import { useMapView } from "./context";
import css from "./inspector.module.css";

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
