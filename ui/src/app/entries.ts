// What the palette can find and do.
import type { Assignment, Model, Operation } from "../live/model";
import type { Role } from "../live/session";
import { operationTabs } from "../pages/map/operation/tabs";
import { type Selection, selectionUrl } from "../parts/selection";
import type { Theme } from "../parts/theme";
import type { Choice } from "../parts/useListbox";

interface Page {
  path: string;
  label: string;
}

export interface Entry extends Choice {
  kind: string;
  /** An address to go to, or something to do. */
  run: string | (() => void);
}

export interface Doing {
  logout: () => void;
  theme: (theme: Theme) => void;
  pause: (operation: Operation, pipeline: Assignment) => void;
}

/**
 * Everything for a person of this role, with things that are not in the model. What concerns the selection comes first,
 * and places within what is found otherwise come last, because they are many.
 */
export function entries(
  pages: readonly Page[],
  model: Model | undefined,
  role: Role,
  selection: Selection | undefined,
  doing: Doing,
  things: readonly Entry[] = [],
): Entry[] {
  return [
    ...(model ? selectedEntries(model, role, selection, doing) : []),
    ...pages.map(({ path, label }) => ({ id: `page${path}`, kind: "Page", label, run: path })),
    ...actionEntries(role, doing),
    ...(model ? fleetEntries(model) : []),
    ...things,
    ...(model ? placeEntries(model) : []),
  ];
}

const order: Record<Role, number> = { viewer: 0, editor: 1, admin: 2 };

/** Actions that only some may do have the role that they need. */
function actionEntries(role: Role, { logout, theme }: Doing): Entry[] {
  const all: (Omit<Entry, "kind"> & { need?: Role })[] = [
    { id: "new", label: "New pipeline", run: "/pipelines?new", need: "editor" },
    { id: "new-notification", label: "New notification", run: "/notifications?new", need: "editor" },
    { id: "upload", label: "Upload a Wasm module", run: "/wasm?new", need: "admin" },
    { id: "new-kv", label: "New key-value object", run: "/kv?new", need: "editor" },
    { id: "new-token", label: "Issue a token", run: "/tokens?new", need: "admin" },
    { id: "behind", label: "Sessions that wait for their rules", run: "/sessions?behind" },
    { id: "dry", label: "Sessions in dry run", run: "/sessions?dry" },
    { id: "graph", label: "Map as a graph", run: "/?view=graph" },
    { id: "list", label: "Map as a table", run: "/?view=list" },
    { id: "connect", label: "Connect an SDK", run: "/settings?sdk=go" },
    { id: "light", label: "Theme: light", run: () => theme("light") },
    { id: "dark", label: "Theme: dark", run: () => theme("dark") },
    { id: "system", label: "Theme: as the system", run: () => theme("system") },
    { id: "logout", label: "Log out", run: logout },
  ];
  return all.filter(({ need = "viewer" }) => order[role] >= order[need]).map(({ need: _, ...entry }) => ({ ...entry, kind: "Action" }));
}

/** What can be done with what is selected on the map. */
function selectedEntries(model: Model, role: Role, selection: Selection | undefined, { pause }: Doing): Entry[] {
  if (!selection || selection.kind === "component") return [];
  const at = selectionUrl(selection);
  const action = (id: string, label: string, run: Entry["run"]): Entry => ({ id: `here-${id}`, kind: "Action", label, run });
  if (selection.kind === "service") {
    return role === "viewer" ? [] : [action("delete", `Delete the service ${selection.id}`, `${at}&ask=delete`)];
  }
  const operation = model.operations.get(selection.id);
  if (!operation) return [];
  const name = operation.operation;
  const changes = [
    action("attach", `Attach a pipeline to ${name}`, `${at}&ask=attach`),
    ...operation.pipelines.map((one) => {
      const pipeline = model.pipelines.get(one.id)?.pipeline.name ?? one.id;
      return action(`pause-${one.id}`, `${one.paused ? "Resume" : "Pause"} ${pipeline} on ${name}`, () => pause(operation, one));
    }),
    action("delete", `Delete the operation ${name}`, `${at}&ask=delete`),
  ];
  const panels = panelEntries(operation).map((entry) => ({ ...entry, id: `here-${entry.id}` }));
  return [...panels, ...(role === "viewer" ? [] : changes)];
}

/** The tabs of an operation's panel. */
function panelEntries(operation: Operation): Entry[] {
  const at = selectionUrl({ kind: "op", id: operation.key });
  const hint = `${operation.service} · ${operation.component}`;
  return operationTabs(operation).map(({ id, label }, first) => ({
    id: `${operation.key}-${id}`,
    kind: "Panel",
    label: `${operation.operation}: ${label}`,
    hint,
    run: first === 0 ? at : `${at}&tab=${id}`,
  }));
}

function fleetEntries(model: Model): Entry[] {
  const operations = [...model.operations.values()];
  return [
    ...model.services.map(({ name }) => ({ id: `service-${name}`, kind: "Service", label: name, run: selectionUrl({ kind: "service", id: name }) })),
    ...operations.map((operation) => ({
      id: operation.key,
      kind: operation.direction === "consumer" ? "Consumer" : "Producer",
      label: operation.operation,
      hint: `${operation.service} · ${operation.component}`,
      run: selectionUrl({ kind: "op", id: operation.key }),
    })),
    ...model.components.map(({ name }) => ({
      id: `component-${name}`,
      kind: "Component",
      label: name,
      run: selectionUrl({ kind: "component", id: name }),
    })),
    ...[...model.pipelines.values()].map(({ pipeline }) => ({
      id: `pipeline-${pipeline.id}`,
      kind: "Pipeline",
      label: pipeline.name,
      run: `/pipelines/${encodeURIComponent(pipeline.id)}`,
    })),
  ];
}

/** Panels and pages of operations. */
function placeEntries(model: Model): Entry[] {
  return [...model.operations.values()].flatMap((operation) => [
    ...panelEntries(operation),
    {
      id: `schema-${operation.key}`,
      kind: "Schema",
      label: `${operation.operation}: schema page`,
      hint: `${operation.service} · ${operation.component}`,
      run: `/schemas/${encodeURIComponent(operation.key)}`,
    },
  ]);
}
