// Tails of the fake server: tests say what SDKs send.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

import { ResponseCode, StandardResponseSchema, type TailRequest, TailResponseSchema, TailResponseType } from "../../src/gen/protos/common_pb";

interface Stream {
  request: TailRequest;
  session: string | null;
  queue: MessageInitShape<typeof TailResponseSchema>[];
  wake: () => void;
  failure?: ConnectError;
}

export class FakeTails {
  readonly open: Stream[] = [];
  /** Ids of the tails that are paused. */
  readonly paused = new Set<string>();
  /** How many streams were ever opened. */
  opened = 0;
  /** Words with which everything is refused. */
  refusal: ConnectError | undefined;

  /** Sends a message to all tails. */
  send(before: string | Uint8Array, after: string | Uint8Array = before, sessionId = "session-1"): void {
    this.push({
      type: TailResponseType.PAYLOAD,
      sessionId,
      timestampNs: BigInt(Date.now()) * 1_000_000n,
      originalData: bytes(before),
      newData: bytes(after),
    });
  }

  /** Sends what the server counted. */
  count(received: number, sampledOut: number, paused: number, dropped: number): void {
    const Metadata = { "tail-received": `${received}`, "tail-sampled-out": `${sampledOut}`, "tail-paused": `${paused}`, "tail-dropped": `${dropped}` };
    this.push({ Keepalive: true, Metadata });
  }

  /** Ends all streams. */
  hangUp(failure = new ConnectError("server shutting down", Code.Unavailable)): void {
    for (const stream of this.open) {
      stream.failure = failure;
      stream.wake();
    }
  }

  async *tail(request: TailRequest, { signal, requestHeader }: { signal: AbortSignal; requestHeader: Headers }) {
    if (this.refusal) throw this.refusal;
    const stream: Stream = { request, session: requestHeader.get("tail-session-id"), queue: [], wake: () => undefined };
    this.open.push(stream);
    this.opened++;
    try {
      // In memory, the header comes with the first message.
      yield create(TailResponseSchema, { Keepalive: true });
      while (!signal.aborted) {
        while (stream.queue.length > 0) yield create(TailResponseSchema, stream.queue.shift()!);
        if (stream.failure) throw stream.failure;
        await new Promise<void>((resolve) => {
          stream.wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    } finally {
      this.open.splice(this.open.indexOf(stream), 1);
    }
  }

  pause(id: string, on: boolean) {
    const known = this.open.some(({ request }) => request.id === id) && this.paused.has(id) !== on;
    if (!known) return create(StandardResponseSchema, { code: ResponseCode.NOT_FOUND, message: `no tail request found for tail ID '${id}'` });
    if (on) this.paused.add(id);
    else this.paused.delete(id);
    return create(StandardResponseSchema, { code: ResponseCode.OK });
  }

  private push(message: MessageInitShape<typeof TailResponseSchema>): void {
    for (const stream of this.open) {
      stream.queue.push(message);
      stream.wake();
    }
  }
}

function bytes(data: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(typeof data === "string" ? new TextEncoder().encode(data) : data);
}
