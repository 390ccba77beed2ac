import { Unlink } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { useCanEdit, useConsole, usePicture } from "../../../live/context";
import type { Operation, PipelineUse } from "../../../live/model";
import { IconButton } from "../../../parts/Button";
import { Detach } from "../../../parts/Detach";
import { DirectionMark } from "../../../parts/Direction";
import { Picker } from "../../../parts/Picker";
import { selectionUrl } from "../../../parts/selection";
import { useToasts } from "../../../parts/toast";
import css from "./used-by.module.css";

/** Where a pipeline runs, with ways to attach and detach it. */
export function UsedBy({ use: { pipeline, operations } }: { use: PipelineUse }) {
  const { model } = usePicture();
  const { actions } = useConsole();
  const toasts = useToasts();
  const canEdit = useCanEdit();
  const [detaching, setDetaching] = useState<Operation>();
  const taken = new Set(operations.map(({ key }) => key));
  const choices = [...(model?.operations.values() ?? [])]
    .filter(({ key }) => !taken.has(key))
    .map((operation) => ({ id: operation.key, label: operation.operation, hint: place(operation), operation }));

  const attach = (operation: Operation) =>
    void actions.attach(operation, pipeline.id).then(
      () => toasts.done(`Attached ${pipeline.name} to ${operation.operation}`),
      (error: unknown) => toasts.failed(`${pipeline.name} was not attached`, error),
    );
  const detach = (operation: Operation) =>
    void actions.detach(operation, pipeline.id).then(
      () => toasts.done(`Detached ${pipeline.name} from ${operation.operation}`, () => reattach(operation)),
      (error: unknown) => toasts.failed(`${pipeline.name} was not detached`, error),
    );
  const reattach = (operation: Operation) =>
    void actions
      .reattach(operation, pipeline.id)
      .catch((error: unknown) => toasts.failed(`${pipeline.name} was not attached again`, error));

  return (
    <>
      <ul className={css.useList}>
        {operations.map((operation) => (
          <li key={operation.key}>
            <DirectionMark direction={operation.direction} />
            <Link href={selectionUrl({ kind: "op", id: operation.key })} className="truncate">
              {operation.operation}
            </Link>
            <span className={`${css.grow} muted truncate`}>{place(operation)}</span>
            {canEdit && (
              <IconButton label={`Detach from ${operation.operation}`} onClick={() => setDetaching(operation)}>
                <Unlink size={14} />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {canEdit && (
        <Picker
          label="Attach to an operation"
          placeholder="Find an operation"
          choices={choices}
          onPick={({ operation }) => attach(operation)}
          empty={model?.operations.size ? "Every operation has it." : "No service has announced an operation yet."}
        />
      )}
      {detaching && (
        <Detach
          operation={detaching}
          id={pipeline.id}
          onConfirm={() => {
            detach(detaching);
            setDetaching(undefined);
          }}
          onClose={() => setDetaching(undefined)}
        />
      )}
    </>
  );
}

function place({ service, component, direction }: Operation): string {
  return direction === "consumer" ? `${service} ← ${component}` : `${service} → ${component}`;
}
