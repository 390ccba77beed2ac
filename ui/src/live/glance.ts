import { createClient, type Transport } from "@connectrpc/connect";

import { Console, type NodeState, type Session } from "../gen/streamdal/console/v1/console_pb";
import { sameOrigin } from "./client";

export interface Glance {
  sessions: Session[];
  node: NodeState;
}

/**
 * What the server says now of all sessions and of itself. It reads the beginning of a watch and hangs up: a second
 * stream that stays would take one of the six connections that all tabs share over HTTP/1.1.
 */
export async function glance(signal: AbortSignal, transport: Transport = sameOrigin()): Promise<Glance> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  let sessions: Session[] | undefined;
  let node: NodeState | undefined;
  try {
    for await (const { part } of createClient(Console, transport).watch({}, { signal: either })) {
      if (part.case === "sessions") sessions = part.value.sessions;
      if (part.case === "node") node = part.value;
      if (sessions && node) return { sessions, node };
    }
  } finally {
    enough.abort();
  }
  throw new Error("The server ended the stream before it had said everything.");
}
