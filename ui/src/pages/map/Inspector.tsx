import { X } from "lucide-react";
import type { ReactNode } from "react";

import { IconButton } from "../../parts/Button";
import type { Selection } from "../../parts/selection";
import { ComponentInspector } from "./ComponentInspector";
import { useMapView } from "./context";
import css from "./inspector.module.css";
import { OperationInspector } from "./OperationInspector";
import { ServiceInspector } from "./ServiceInspector";

/** The panel about what is selected. */
export function Inspector({ selection }: { selection: Selection }) {
  const { model } = useMapView();
  const { kind, id } = selection;
  const is = (name: string) => name.toLowerCase() === id.toLowerCase();
  const operation = kind === "op" ? model.operations.get(id) : undefined;
  if (operation) return <OperationInspector operation={operation} />;
  const service = kind === "service" ? model.services.find(({ name }) => is(name)) : undefined;
  if (service) return <ServiceInspector service={service} />;
  const component = kind === "component" ? model.components.find(({ name }) => is(name)) : undefined;
  if (component) return <ComponentInspector component={component} />;
  return (
    <Panel title="Not here" subtitle={id}>
      <p className={css.note}>Nothing of this name is known to the server now. It may have been deleted or renamed.</p>
    </Panel>
  );
}

interface PanelProps {
  mark?: ReactNode;
  title: string;
  subtitle: ReactNode;
  children: ReactNode;
}

export function Panel({ mark, title, subtitle, children }: PanelProps) {
  const { select } = useMapView();
  return (
    <aside className={css.panel} aria-label={title} data-testid="inspector">
      <header className={css.head}>
        {mark}
        <div className={css.names}>
          <h2 className="truncate" title={title}>
            {title}
          </h2>
          <p className={css.subtitle}>{subtitle}</p>
        </div>
        <IconButton label="Close (Esc)" onClick={() => select(undefined)}>
          <X size={16} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}
