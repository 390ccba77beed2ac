import { create } from "@bufbuild/protobuf";

import { type Audience, AudienceSchema, OperationType } from "../gen/protos/common_pb";

/** An operation's direction as seen from its service. */
export type Direction = "consumer" | "producer";

export interface Names {
  service: string;
  direction: Direction;
  operation: string;
  component: string;
}

/** The server's key of an audience: its four names in lower case, joined by colons. */
export function keyOf(names: Names): string {
  return `${names.service}:operation_type_${names.direction}:${names.operation}:${names.component}`.toLowerCase();
}

export function namesOf(audience: Audience): Names {
  return {
    service: audience.serviceName,
    direction: audience.operationType === OperationType.PRODUCER ? "producer" : "consumer",
    operation: audience.operationName,
    component: audience.componentName,
  };
}

/** The names in a key; undefined when the text is not a key. */
export function parseKey(key: string): Names | undefined {
  const [service, kind, operation, component, ...rest] = key.split(":");
  if (!service || !operation || !component || rest.length > 0) return undefined;
  if (kind !== "operation_type_consumer" && kind !== "operation_type_producer") return undefined;
  return { service, direction: kind === "operation_type_consumer" ? "consumer" : "producer", operation, component };
}

export function audienceOf(names: Names): Audience {
  return create(AudienceSchema, {
    serviceName: names.service,
    operationType: names.direction === "consumer" ? OperationType.CONSUMER : OperationType.PRODUCER,
    operationName: names.operation,
    componentName: names.component,
  });
}
