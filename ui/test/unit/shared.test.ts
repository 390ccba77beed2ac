import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { SharedStream } from "../../src/live/shared/stream";
import type { Open, ToTab } from "../../src/live/shared/words";

const open: Open = { kind: "open", url: "http://server/watch", headers: [["x-grpc-web", "1"]], body: new Uint8Array([0]) };

let body: ReadableStreamDefaultController<Uint8Array>;
let aborted: boolean;
let asked: RequestInit | undefined;
let ended: number;
let stream: SharedStream;

const server = ((_: string, init: RequestInit) => {
  asked = init;
  init.signal!.addEventListener("abort", () => {
    aborted = true;
    body.error(init.signal!.reason);
  });
  return Promise.resolve(new Response(new ReadableStream({ start: (controller) => void (body = controller) }), { headers: { "content-type": "application/grpc-web+proto" } }));
}) as typeof fetch;

beforeEach(() => {
  vi.useFakeTimers();
  aborted = false;
  ended = 0;
  stream = new SharedStream(open, () => ended++, server);
});

afterEach(() => vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

/** A frame with a message that sets one field. */
function frame(field: number, ...data: number[]): number[] {
  return [0, 0, 0, 0, data.length + 1, (field << 3) | 2, ...data];
}

function follower() {
  const heard: string[] = [];
  const hear = (word: ToTab) => heard.push(word.kind === "piece" ? [...word.bytes].join() : word.kind === "failed" ? word.reason : word.kind);
  return { heard, hear };
}

const send = async (...bytes: number[]) => {
  body.enqueue(new Uint8Array(bytes));
  await settle();
};

describe("SharedStream", () => {
  it("tells whole frames to all, however they come", async () => {
    const a = follower();
    stream.join(a.hear);
    void stream.run();
    await settle();
    expect(asked).toMatchObject({ method: "POST", headers: open.headers, body: open.body, credentials: "same-origin" });
    const bytes = [...frame(1, 7, 8), ...frame(2, 9)];
    for (const byte of bytes) await send(byte);
    expect(a.heard).toEqual(["head", frame(1, 7, 8).join(), frame(2, 9).join()]);
    await send(...frame(3), 0, 0, 0);
    expect(a.heard).toHaveLength(4);
  });

  it("tells those who come later the newest of each part", async () => {
    const [a, b] = [follower(), follower()];
    stream.join(a.hear);
    void stream.run();
    await settle();
    await send(...frame(1, 1), ...frame(2, 2), ...frame(1, 3), 0, 0, 0, 0, 0);
    stream.join(b.hear);
    expect(b.heard).toEqual(["head", frame(1, 3).join(), frame(2, 2).join()]);
    await send(...frame(2, 4));
    expect([a.heard.at(-1), b.heard.at(-1)]).toEqual([frame(2, 4).join(), frame(2, 4).join()]);
  });

  it("ends with its last follower", async () => {
    const [a, b] = [follower(), follower()];
    stream.join(a.hear);
    stream.join(b.hear);
    void stream.run();
    await settle();
    stream.leave(a.hear);
    expect([aborted, ended]).toEqual([false, 0]);
    await send(...frame(1));
    expect([a.heard.length, b.heard.length]).toEqual([1, 2]);
    stream.leave(b.hear);
    expect([aborted, ended]).toEqual([true, 1]);
  });

  it("tells all how it ended", async () => {
    const [a, b] = [follower(), follower()];
    stream.join(a.hear);
    stream.join(b.hear);
    void stream.run();
    await settle();
    const trailer = [128, 0, 0, 0, 1, 65];
    await send(...trailer);
    body.close();
    await settle();
    expect(a.heard).toEqual(["head", trailer.join(), "end"]);
    expect(b.heard).toEqual(a.heard);
    expect(ended).toBe(1);
  });

  it("gives up a server that is silent, for all at once", async () => {
    const a = follower();
    stream.join(a.hear);
    void stream.run();
    await settle();
    await vi.advanceTimersByTimeAsync(19_000);
    await send(...frame(1));
    await vi.advanceTimersByTimeAsync(19_000);
    expect(aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(a.heard.at(-1)).toBe("The server has been silent for too long.");
    expect(ended).toBe(1);
  });

  it("says what hindered the request", async () => {
    stream = new SharedStream(open, () => ended++, () => Promise.reject(new TypeError("Failed to fetch")));
    const a = follower();
    stream.join(a.hear);
    await stream.run();
    expect(a.heard).toEqual(["Failed to fetch"]);
  });
});
