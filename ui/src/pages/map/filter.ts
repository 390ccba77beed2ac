import type { Model, Operation, Service } from "../../live/model";
import { languageName } from "../../parts/Language";

export interface Filter {
  /** Words that must all be in what can be said of an operation. */
  query: string;
  /** Names that must be equal, whatever their case; "" for any. */
  service: string;
  component: string;
  /** A language's name as languageName spells it; "" for any. */
  language: string;
  /** Only operations that a live session has announced. */
  live: boolean;
}

export function isActive({ query, service, component, language, live }: Filter): boolean {
  return live || [query, service, component, language].some((text) => text.trim() !== "");
}

/** The keys of the operations that match. */
export function matching(model: Model, filter: Filter): Set<string> {
  const words = filter.query.toLowerCase().split(/\s+/).filter(Boolean);
  const keys = new Set<string>();
  for (const operation of model.operations.values()) {
    if (filter.live && operation.sessions.length === 0) continue;
    if (!isOrAny(filter.service, operation.service) || !isOrAny(filter.component, operation.component)) continue;
    if (filter.language !== "" && !languagesOf(operation).some((name) => isOrAny(filter.language, name))) continue;
    const text = textOf(model, operation);
    if (words.every((word) => text.includes(word))) keys.add(operation.key);
  }
  return keys;
}

function isOrAny(wanted: string, name: string): boolean {
  return wanted === "" || wanted.toLowerCase() === name.toLowerCase();
}

/** The languages of the sessions that have announced an operation. */
export function languagesOf({ sessions }: Operation): string[] {
  return [...new Set(sessions.map(({ language }) => languageName(language)))].sort();
}

function textOf(model: Model, operation: Operation): string {
  const pipelines = operation.pipelines.map(({ id }) => model.pipelines.get(id)?.pipeline.name ?? id);
  const { service, operation: name, component, direction } = operation;
  return [service, name, component, direction, ...pipelines, ...languagesOf(operation)].join(" ").toLowerCase();
}

/** What is left of the map when only matching operations are shown. */
export function onlyMatching(model: Model, keys: ReadonlySet<string>): Pick<Model, "services" | "components"> {
  const services: Service[] = [];
  const groups = new Map(
    model.services.flatMap((service) => service.groups.map((group) => [group.id, { ...group, operations: group.operations.filter(({ key }) => keys.has(key)) }])),
  );
  const left = (of: readonly { id: string }[]) => of.map(({ id }) => groups.get(id)!).filter(({ operations }) => operations.length > 0);
  for (const service of model.services) {
    const kept = left(service.groups);
    if (kept.length > 0) services.push({ ...service, groups: kept });
  }
  const components = model.components
    .map((component) => ({ ...component, groups: left(component.groups) }))
    .filter((component) => component.groups.length > 0);
  return { services, components };
}
