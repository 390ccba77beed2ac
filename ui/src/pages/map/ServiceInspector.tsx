import { useConsole } from "../../live/context";
import type { Service } from "../../live/model";
import { LanguageMark } from "../../parts/Language";
import { Sessions } from "../../parts/Sessions";
import { count } from "../../parts/text";
import { Deletion } from "./Deletion";
import css from "./inspector.module.css";
import { Operations } from "./Operations";
import { Panel } from "./Panel";

export function ServiceInspector({ service }: { service: Service }) {
  const { actions } = useConsole();
  const { name, sessions, groups } = service;
  const operations = groups.flatMap((group) => group.operations);
  const attached = operations.filter(({ pipelines }) => pipelines.length > 0).length;
  return (
    <Panel
      mark={<LanguageMark language={service.languages[0]} />}
      title={name}
      subtitle={`Service · ${count(sessions.length, "live session")}`}
      keys={operations.map(({ key }) => key)}
    >
      <div className={css.scroll}>
        <Operations groups={groups} where={(group) => group.component} />
        <h3>Sessions</h3>
        <Sessions sessions={sessions} nobody="No SDK of this service is connected now." />
      </div>
      <Deletion kind="service" name={name} remove={() => actions.deleteService(name)}>
        <p>
          The server forgets all {count(operations.length, "operation")} of {name} and their schemas
          {attached > 0 && `, and detaches the pipelines of ${attached === operations.length ? "all" : attached} of them`}:
        </p>
        <ul>
          {operations.map(({ key, operation, component, direction, pipelines }) => (
            <li key={key}>
              {operation} {direction === "consumer" ? "from" : "to"} {component}
              {pipelines.length > 0 && <span className="muted"> · {count(pipelines.length, "pipeline")}</span>}
            </li>
          ))}
        </ul>
        {sessions.length > 0 && (
          <p>
            {count(sessions.length, "live session")} {sessions.length === 1 ? "goes" : "go"} on without pipelines. What the program announces again
            comes back without them.
          </p>
        )}
      </Deletion>
    </Panel>
  );
}
