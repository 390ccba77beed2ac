import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { External } from "../gen/protos/external_pb";
import { Console } from "../gen/streamdal/console/v1/console_pb";

export type ExternalClient = Client<typeof External>;
export type ConsoleClient = Client<typeof Console>;

/** The External API, which other programs use too. */
export function externalClient(transport: Transport = sameOrigin()): ExternalClient {
  return createClient(External, transport);
}

/** The API that is made for the Console. */
export function consoleClient(transport: Transport = sameOrigin()): ConsoleClient {
  return createClient(Console, transport);
}

/** Requests to the origin that served the Console; the browser sends the session cookie. */
export function sameOrigin(): Transport {
  return createGrpcWebTransport({
    baseUrl: location.origin,
    fetch: (input, init) => fetch(input, { ...init, credentials: "same-origin" }),
  });
}
