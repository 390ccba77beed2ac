import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { External } from "../gen/protos/external_pb";
import { Console } from "../gen/streamdal/console/v1/console_pb";
import { sharedFetch } from "./shared/fetch";

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

/** Requests to the origin that served the Console; the browser sends the session cookie. All tabs share one Watch. */
export function sameOrigin(): Transport {
  const watch = `${location.origin}/${Console.typeName}/${Console.method.watch.name}`;
  return createGrpcWebTransport({
    baseUrl: location.origin,
    fetch: (input, init) => (input === watch ? sharedFetch : fetch)(input, { ...init, credentials: "same-origin" }),
  });
}
