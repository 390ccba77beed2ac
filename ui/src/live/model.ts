// The Console's picture of the fleet, made from one GetAll answer.
import type { Audience } from "../gen/protos/common_pb";
import type { GetAllResponse } from "../gen/protos/external_pb";
import type { LiveInfo } from "../gen/protos/info_pb";
import type { Pipeline } from "../gen/protos/pipeline_pb";
import { type Direction, keyOf, type Names, namesOf, parseKey } from "./audience";

/** A pipeline's place in the ordered list of an operation. */
export interface Assignment {
  id: string;
  paused: boolean;
}

export interface Session {
  id: string;
  service: string;
  language: string;
  library: string;
  version: string;
  node: string;
  platform: string;
  /** Keys of the operations it announced. */
  operations: string[];
}

export interface Operation extends Names {
  key: string;
  sessions: Session[];
  pipelines: Assignment[];
}

/** The operations of one service in one direction on one component. */
export interface Group {
  id: string;
  service: string;
  direction: Direction;
  component: string;
  operations: Operation[];
}

export interface Service {
  name: string;
  sessions: Session[];
  languages: string[];
  groups: Group[];
}

export interface Component {
  name: string;
  groups: Group[];
}

export interface PipelineUse {
  pipeline: Pipeline;
  /** Operations that have it, in key order. */
  operations: Operation[];
}

export interface Model {
  services: Service[];
  components: Component[];
  /** By name, then by service. */
  operations: Map<string, Operation>;
  pipelines: Map<string, PipelineUse>;
  sessions: number;
}

/** Assignments that were asked for but are not yet in the server's picture. */
export type Proposals = ReadonlyMap<string, readonly Assignment[]>;

const byText = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;

export function buildModel(all: GetAllResponse, proposals: Proposals = new Map()): Model {
  const operations = collectOperations(all, proposals);
  const services = new Map<string, Service>();
  const components = new Map<string, Component>();
  const groups = new Map<string, Group>();
  for (const operation of operations.values()) {
    const service = entry(services, operation.service.toLowerCase(), () => newService(operation.service));
    const component = entry(components, operation.component.toLowerCase(), () => ({ name: operation.component, groups: [] }));
    const id = `${operation.service}/${operation.direction}/${operation.component}`.toLowerCase();
    const group = entry(groups, id, () => {
      const made = { id, service: service.name, direction: operation.direction, component: component.name, operations: [] };
      service.groups.push(made);
      component.groups.push(made);
      return made;
    });
    group.operations.push(operation);
  }
  const sessions = addSessions(all.live, services, operations);
  for (const service of services.values()) {
    service.groups.sort((a, b) => byText(a.component, b.component) || byText(a.direction, b.direction));
    service.languages = [...new Set(service.sessions.map((s) => s.language).filter(Boolean))].sort(byText);
  }
  return {
    services: [...services.values()].sort((a, b) => byText(a.name, b.name)),
    components: [...components.values()].sort((a, b) => byText(a.name, b.name)),
    operations,
    pipelines: collectPipelines(all, operations),
    sessions,
  };
}

function collectOperations(all: GetAllResponse, proposals: Proposals): Map<string, Operation> {
  const found = new Map<string, Operation>();
  const add = (names: Names) => {
    const key = keyOf(names);
    const pipelines = [...(proposals.get(key) ?? assigned(all, key))];
    if (!found.has(key)) found.set(key, { ...names, key, sessions: [], pipelines });
  };
  // Sessions spell names as people wrote them, so theirs come first.
  for (const live of all.live) live.audiences.forEach((a: Audience) => add(namesOf(a)));
  all.audiences.forEach((a) => add(namesOf(a)));
  for (const key of Object.keys(all.configs)) {
    const names = parseKey(key);
    if (names) add(names);
  }
  const order = (a: Operation, b: Operation) => byText(a.operation, b.operation) || byText(a.service, b.service) || byText(a.key, b.key);
  return new Map([...found.values()].sort(order).map((one) => [one.key, one]));
}

export function assigned(all: GetAllResponse, key: string): Assignment[] {
  return (all.configs[key]?.configs ?? []).map(({ id, paused }) => ({ id, paused }));
}

function addSessions(live: LiveInfo[], services: Map<string, Service>, operations: Map<string, Operation>): number {
  let count = 0;
  for (const info of live) {
    const session = sessionOf(info);
    if (!session) continue;
    count++;
    entry(services, session.service.toLowerCase(), () => newService(session.service)).sessions.push(session);
    for (const key of session.operations) operations.get(key)?.sessions.push(session);
  }
  return count;
}

function sessionOf(info: LiveInfo): Session | undefined {
  const client = info.client;
  const service = client?.ServiceName || info.audiences[0]?.serviceName;
  if (!client || !service) return undefined;
  return {
    id: client.SessionId ?? "",
    service,
    language: client.language,
    library: client.libraryName,
    version: client.libraryVersion,
    node: client.NodeName ?? "",
    platform: [client.os, client.arch].filter(Boolean).join("/"),
    operations: [...new Set(info.audiences.map((a) => keyOf(namesOf(a))))],
  };
}

function collectPipelines(all: GetAllResponse, operations: Map<string, Operation>): Map<string, PipelineUse> {
  const uses: PipelineUse[] = [];
  for (const { pipeline } of Object.values(all.pipelines)) if (pipeline) uses.push({ pipeline, operations: [] });
  uses.sort((a, b) => byText(a.pipeline.name, b.pipeline.name) || byText(a.pipeline.id, b.pipeline.id));
  const pipelines = new Map(uses.map((use) => [use.pipeline.id, use]));
  for (const key of [...operations.keys()].sort(byText)) {
    const operation = operations.get(key)!;
    for (const id of new Set(operation.pipelines.map((p) => p.id))) pipelines.get(id)?.operations.push(operation);
  }
  return pipelines;
}

function newService(name: string): Service {
  return { name, sessions: [], languages: [], groups: [] };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
