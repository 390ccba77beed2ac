import { Boxes } from "lucide-react";

import type { Component } from "../../live/model";
import { count } from "../../parts/text";
import css from "./inspector.module.css";
import { Operations } from "./Operations";
import { Panel } from "./Panel";

export function ComponentInspector({ component }: { component: Component }) {
  const services = new Set(component.groups.map((group) => group.service)).size;
  return (
    <Panel
      mark={<Boxes size={18} aria-hidden />}
      title={component.name}
      subtitle={`Component · used by ${count(services, "service")}`}
      keys={component.groups.flatMap((group) => group.operations.map(({ key }) => key))}
    >
      <div className={css.scroll}>
        <Operations groups={component.groups} where={(group) => group.service} />
      </div>
    </Panel>
  );
}
