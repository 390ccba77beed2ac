import { Code, ConnectError } from "@connectrpc/connect";

import { ResponseCode, type StandardResponse } from "../gen/protos/common_pb";

/** What went wrong, in the server's words where it had any. */
export function words(error: unknown): string {
  if (error instanceof ConnectError) {
    if (error.code === Code.Unavailable && /fetch|network|load failed/i.test(error.rawMessage)) return unreachable;
    return error.rawMessage || `The server answered "${Code[error.code]}".`;
  }
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) return unreachable;
  if (error instanceof Error) return error.message;
  return String(error);
}

const unreachable = "The server cannot be reached.";

/** Passes a StandardResponse that reports success; throws the server's words otherwise. */
export function succeeded(response: StandardResponse): StandardResponse {
  if (response.code === ResponseCode.OK) return response;
  throw new Error(response.message || `The server refused the request (${ResponseCode[response.code]}).`);
}

export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Unauthenticated;
}
