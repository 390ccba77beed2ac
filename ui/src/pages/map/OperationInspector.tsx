import { useConsole } from "../../live/context";
import type { Operation } from "../../live/model";
import { DirectionMark } from "../../parts/Direction";
import { Tabs } from "../../parts/Tabs";
import { count } from "../../parts/text";
import { Deletion } from "./Deletion";
import { operationTabs } from "./operation/tabs";
import { Panel } from "./Panel";
import { useMapAddress } from "./useSelection";

export function OperationInspector({ operation }: { operation: Operation }) {
  const { actions } = useConsole();
  const { get, set } = useMapAddress();
  const { service, direction, component, sessions, pipelines } = operation;
  const relation = direction === "consumer" ? "consumes from" : "produces to";
  const tabs = operationTabs(operation);
  return (
    <Panel
      mark={<DirectionMark direction={direction} size={18} />}
      title={operation.operation}
      subtitle={`${service} ${relation} ${component} · ${count(sessions.length, "live session")}`}
      keys={[operation.key]}
    >
      <Tabs
        label="About this operation"
        current={get("tab")}
        onChange={(tab) => set("tab", tab === tabs[0]!.id ? "" : tab)}
        tabs={tabs}
      />
      <Deletion kind="operation" name={operation.operation} remove={() => actions.deleteOperation(operation)}>
        <p>
          The server forgets this operation of {service}, its schema and how it grew
          {pipelines.length > 0 && `, and detaches its ${count(pipelines.length, "pipeline")}`}.
        </p>
        {sessions.length > 0 && (
          <p>
            {count(sessions.length, "live session")} {sessions.length === 1 ? "goes" : "go"} on without pipelines. When the program announces the
            operation again, it comes back without them.
          </p>
        )}
      </Deletion>
    </Panel>
  );
}
