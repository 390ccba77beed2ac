import { Trash2 } from "lucide-react";
import { useState } from "react";

import { useCanEdit, useConsole } from "../../live/context";
import type { Operation } from "../../live/model";
import { words } from "../../live/words";
import { Button } from "../../parts/Button";
import { Confirm } from "../../parts/Dialog";
import { DirectionMark } from "../../parts/Direction";
import { Sessions } from "../../parts/Sessions";
import { Tabs } from "../../parts/Tabs";
import { count } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { useMapView } from "./context";
import css from "./inspector.module.css";
import { Panel } from "./Panel";
import { PipelinesTab } from "./PipelinesTab";
import { SchemaTab } from "./SchemaTab";
import { useMapAddress } from "./useSelection";

export function OperationInspector({ operation }: { operation: Operation }) {
  const { get, set } = useMapAddress();
  const { service, direction, component, sessions, pipelines } = operation;
  const relation = direction === "consumer" ? "consumes from" : "produces to";
  return (
    <Panel
      mark={<DirectionMark direction={direction} size={18} />}
      title={operation.operation}
      subtitle={`${service} ${relation} ${component} · ${count(sessions.length, "live session")}`}
    >
      <Tabs
        label="About this operation"
        current={get("tab") || "pipelines"}
        onChange={(tab) => set("tab", tab === "pipelines" ? "" : tab)}
        tabs={[
          { id: "pipelines", label: "Pipelines", count: pipelines.length, body: () => <PipelinesTab operation={operation} /> },
          {
            id: "sessions",
            label: "Sessions",
            count: sessions.length,
            body: () => <Sessions sessions={sessions} nobody="No live session has announced this operation." />,
          },
          { id: "schema", label: "Schema", body: () => <SchemaTab operation={operation} /> },
        ]}
      />
      <Deletion operation={operation} />
    </Panel>
  );
}

function Deletion({ operation }: { operation: Operation }) {
  const { actions } = useConsole();
  const { select } = useMapView();
  const toasts = useToasts();
  const canEdit = useCanEdit();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { operation: name, service, sessions, pipelines } = operation;

  const remove = async () => {
    setBusy(true);
    try {
      await actions.deleteOperation(operation);
      toasts.done(`Deleted ${name} of ${service}`);
      select(undefined);
    } catch (error) {
      setProblem(words(error));
      setBusy(false);
    }
  };

  return (
    <footer className={css.foot}>
      <Button kind="quiet" disabled={!canEdit} onClick={() => setAsking(true)}>
        <Trash2 size={14} aria-hidden />
        Delete operation
      </Button>
      {asking && (
        <Confirm
          title={`Delete ${name}?`}
          action={`Delete ${name}`}
          busy={busy}
          problem={problem}
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        >
          <p>
            {`The server forgets this operation of ${service}`}
            {pipelines.length > 0 && ` and detaches its ${count(pipelines.length, "pipeline")}`}
            {sessions.length > 0 &&
              `; ${count(sessions.length, "live session")} will run it without pipelines until the program announces it again`}
            .
          </p>
        </Confirm>
      )}
    </footer>
  );
}
