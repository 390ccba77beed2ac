import { TailRequestType, TailResponseType } from "../../../gen/protos/common_pb";
import { audienceOf, type Names } from "../../../live/audience";
import type { ExternalClient } from "../../../live/client";

const utf8 = new TextDecoder();

/** Waits for the next message of an operation, as it is before its pipelines. The tail ends with it. */
export async function nextMessage(client: ExternalClient, operation: Names, signal: AbortSignal): Promise<string> {
  const stop = new AbortController();
  const request = {
    type: TailRequestType.START,
    // Viewers do not disturb each other, even when their ids are the same.
    id: `console-sample-${Math.random().toString(36).slice(2)}`,
    audience: audienceOf(operation),
    sampleOptions: { sampleRate: 1, sampleIntervalSeconds: 1 },
  };
  try {
    for await (const answer of client.tail(request, { signal: AbortSignal.any([signal, stop.signal]) })) {
      if (answer.type === TailResponseType.ERROR) throw new Error(utf8.decode(answer.originalData) || "The session could not send a message.");
      const message = answer.originalData.length > 0 ? answer.originalData : answer.newData;
      if (!answer.Keepalive && message.length > 0) return utf8.decode(message);
    }
    throw new Error("The server ended the tail before a message came.");
  } finally {
    stop.abort();
  }
}
