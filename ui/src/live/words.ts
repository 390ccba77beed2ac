import { Code, ConnectError } from "@connectrpc/connect";

import { ResponseCode, type StandardResponse } from "../gen/protos/common_pb";

// What browsers say when a request or a running answer was cut off.
const noServer = /^(failed to fetch|network error|networkerror\b.*|load failed|terminated)$/i;
// What the gRPC-web client says of an answer that is not the server's.
const gateway = /^HTTP 50[234]$/;

/** What went wrong, in the server's words where it had any. */
export function words(error: unknown): string {
  const said = error instanceof ConnectError ? error.rawMessage : error instanceof Error ? error.message : String(error);
  if (noServer.test(said)) return "The server cannot be reached.";
  if (gateway.test(said)) return `The server cannot be reached: what is in front of it answered ${said}.`;
  if (said === "" && error instanceof ConnectError) return `The server answered "${Code[error.code]}".`;
  return said;
}

/** Passes a StandardResponse that reports success; throws the server's words otherwise. */
export function succeeded(response: StandardResponse): StandardResponse {
  if (response.code === ResponseCode.OK) return response;
  throw new Error(response.message || `The server refused the request (${ResponseCode[response.code]}).`);
}

export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Unauthenticated;
}
