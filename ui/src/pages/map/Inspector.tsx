import type { Selection } from "../../parts/selection";
import { ComponentInspector } from "./ComponentInspector";
import { useMapView } from "./context";
import css from "./inspector.module.css";
import { OperationInspector } from "./OperationInspector";
import { Panel } from "./Panel";
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
    <Panel title="Not here" subtitle={id} keys={[]}>
      <p className={css.note}>Nothing of this name is known to the server now. It may have been deleted or renamed.</p>
    </Panel>
  );
}
