import type { Service } from "../../live/model";
import { LanguageMark } from "../../parts/Language";
import { Sessions } from "../../parts/Sessions";
import { count } from "../../parts/text";
import css from "./inspector.module.css";
import { Operations } from "./Operations";
import { Panel } from "./Panel";

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
