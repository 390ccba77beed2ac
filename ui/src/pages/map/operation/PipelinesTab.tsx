import { useState } from "react";

import { useCanEdit, usePicture, useSessions } from "../../../live/context";
import type { Operation } from "../../../live/model";
import { countDeliveries, deliverySentence } from "../../../parts/delivery";
import { Detach } from "../../../parts/Detach";
import { Attach } from "./Attach";
import { keysOf, Ordered } from "./Ordered";
import { PipelineRow } from "./PipelineRow";
import css from "./pipelines.module.css";
import { useAssignments } from "./useAssignments";
import { useCharts } from "./useCharts";

/** The pipelines of an operation in the order they run. */
export default function PipelinesTab({ operation }: { operation: Operation }) {
  const canEdit = useCanEdit();
  const { model } = usePicture();
  const sessions = useSessions();
  const { charts } = useCharts(operation.key);
  const work = useAssignments(operation);
  const [detaching, setDetaching] = useState<string>();
  const { pipelines } = operation;
  const deliveries = sessions && countDeliveries(sessions, operation.key);
  const name = (id: string) => model?.pipelines.get(id)?.pipeline.name ?? id;
  return (
    <div className={css.tab}>
      {pipelines.length === 0 ? (
        <p className={css.none}>Messages pass through unchanged: no pipeline is attached.</p>
      ) : (
        <Ordered list={pipelines} name={name} canMove={canEdit && pipelines.length > 1} onMove={work.move}>
          {keysOf(pipelines).map((key, index) => (
            <PipelineRow
              key={key}
              sortKey={key}
              index={index}
              list={pipelines}
              charts={charts}
              deliveries={deliveries}
              canEdit={canEdit}
              work={work}
              onDetach={setDetaching}
            />
          ))}
        </Ordered>
      )}
      {canEdit && <Attach operation={operation} onAttach={work.attach} />}
      <p className={css.reach}>{reach(operation, deliveries && deliverySentence(deliveries, "run this list", "runs this list"))}</p>
      {detaching !== undefined && (
        <Detach
          operation={operation}
          id={detaching}
          onConfirm={() => {
            work.detach(detaching);
            setDetaching(undefined);
          }}
          onClose={() => setDetaching(undefined)}
        />
      )}
    </div>
  );
}

function reach({ sessions, pipelines }: Operation, delivered: string | undefined): string {
  if (sessions.length === 0) return "No session is live; changes apply when one connects.";
  const now = pipelines.length > 0 && delivered !== undefined ? `${delivered}. ` : "";
  return `${now}Changes reach live sessions at once.`;
}
