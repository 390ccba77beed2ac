import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { External } from "../gen/protos/external_pb";

export type ExternalClient = Client<typeof External>;

/** The External API on the origin that served the Console; the browser sends the session cookie. */
export function externalClient(transport: Transport = sameOrigin()): ExternalClient {
  return createClient(External, transport);
}

/** Requests to the origin that served the Console. */
export function sameOrigin(): Transport {
  return createGrpcWebTransport({
    baseUrl: location.origin,
    fetch: (input, init) => fetch(input, { ...init, credentials: "same-origin" }),
  });
}
