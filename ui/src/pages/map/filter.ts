import type { Model, Operation, Service } from "../../live/model";

export interface Filter {
  query: string;
  /** Only operations that a live session has announced. */
  live: boolean;
}

export function isActive(filter: Filter): boolean {
  return filter.live || filter.query.trim() !== "";
}

/** The keys of the operations that match. */
export function matching(model: Model, filter: Filter): Set<string> {
  const words = filter.query.toLowerCase().split(/\s+/).filter(Boolean);
  const keys = new Set<string>();
  for (const operation of model.operations.values()) {
    if (filter.live && operation.sessions.length === 0) continue;
    const text = textOf(model, operation);
    if (words.every((word) => text.includes(word))) keys.add(operation.key);
  }
  return keys;
}

function textOf(model: Model, operation: Operation): string {
  const pipelines = operation.pipelines.map(({ id }) => model.pipelines.get(id)?.pipeline.name ?? id);
  const languages = operation.sessions.map((session) => session.language);
  const { service, operation: name, component, direction } = operation;
  return [service, name, component, direction, ...pipelines, ...languages].join(" ").toLowerCase();
}

/** What is left of the map when only matching operations are shown. */
export function onlyMatching(model: Model, keys: ReadonlySet<string>): Pick<Model, "services" | "components"> {
  const services: Service[] = [];
  const kept = new Set<string>();
  for (const service of model.services) {
    const groups = service.groups
      .map((group) => ({ ...group, operations: group.operations.filter(({ key }) => keys.has(key)) }))
      .filter((group) => group.operations.length > 0);
    groups.forEach(({ id }) => kept.add(id));
    if (groups.length > 0) services.push({ ...service, groups });
  }
  const components = model.components
    .map((component) => ({ ...component, groups: component.groups.filter(({ id }) => kept.has(id)) }))
    .filter((component) => component.groups.length > 0);
  return { services, components };
}
