import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { externalClient } from "../../src/live/client";
import { Counter } from "../../src/live/tail/counts";
import { Recent } from "../../src/live/tail/recent";
import { mostRows, Tail } from "../../src/live/tail/tail";
import { Turns } from "../../src/live/tail/turns";
import { FakeServer } from "../fake/server";
import type { FakeTails } from "../fake/tails";

let page: EventTarget & { visibilityState: string };
let window: EventTarget;
let tails: FakeTails;
let tail: Tail;
let frames: (() => void)[];
const names = { service: "billing", direction: "consumer", operation: "new-order", component: "kafka" } as const;
const wish = { sample: { rate: 10, seconds: 2 } };

beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  window = new EventTarget();
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", window);
  const server = new FakeServer(1);
  tails = server.tails;
  frames = [];
  tail = new Tail(externalClient(server.transport()), names, (work) => frames.push(work));
});

afterEach(() => {
  tail.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = () => vi.advanceTimersByTimeAsync(0);
const frame = () => frames.splice(0).forEach((work) => work());
const phase = () => tail.state.snapshot().phase;
const shown = () => tail.entries.snapshot().map((entry) => (entry.kind === "note" ? entry.text : entry.before.text));

async function start() {
  tail.start(wish);
  await settle();
}

describe("Tail", () => {
  it("asks for what was wished and shows what comes", async () => {
    tail.start({ ...wish, session: "session-9" });
    await settle();
    expect(phase()).toBe("on");
    expect(tails.open[0]).toMatchObject({
      session: "session-9",
      request: { audience: { serviceName: "billing", operationName: "new-order" }, sampleOptions: { sampleRate: 10, sampleIntervalSeconds: 2 } },
    });
    tails.send("a");
    tails.send("b");
    await settle();
    expect(shown()).toEqual([]);
    expect(frames).toHaveLength(1);
    frame();
    expect(shown()).toEqual(["a", "b"]);
    tail.clear();
    frame();
    expect(shown()).toEqual([]);
  });

  it("asks for everything without a sample", async () => {
    tail.start({});
    await settle();
    expect(tails.open[0]!.request.sampleOptions).toBeUndefined();
    expect(tails.open[0]!.session).toBeNull();
  });

  it("goes on with other wishes and keeps what was shown", async () => {
    await start();
    tails.send("a");
    await settle();
    tail.start({ session: "session-9" });
    await settle();
    expect(tails.open.map(({ session }) => session)).toEqual(["session-9"]);
    tails.send("b");
    await settle();
    frame();
    expect(shown()).toEqual(["a", "b"]);
    expect(tail.counts.snapshot().arrived).toBe(2);
  });

  it("stops, and says nothing more", async () => {
    await start();
    tail.stop();
    await settle();
    expect(tail.state.snapshot()).toEqual({ phase: "off" });
    expect(tails.open).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tails.opened).toBe(1);
  });

  it("stops when the page is left or nobody looks for long", async () => {
    await start();
    window.dispatchEvent(new Event("pagehide"));
    await settle();
    expect(phase()).toBe("off");
    await start();
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phase()).not.toBe("off");
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(tail.state.snapshot()).toEqual({ phase: "off", reason: "Nobody has looked at this tab for ten minutes." });
  });

  it("comes back when the stream breaks, and says what is missing", async () => {
    await start();
    tails.send("a");
    await settle();
    tails.hangUp();
    await settle();
    expect(tail.state.snapshot()).toMatchObject({ phase: "waiting", reason: "server shutting down" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(phase()).toBe("on");
    tails.send("b");
    await settle();
    frame();
    expect(shown()).toEqual(["a", expect.stringMatching(/^The stream was interrupted for \d+ s\./), "b"]);
  });

  it("comes back at once when asked", async () => {
    await start();
    tails.hangUp();
    await settle();
    tail.retryNow();
    await settle();
    expect(phase()).toBe("on");
  });

  it("gives up what has gone silent, and what is refused", async () => {
    await start();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(tail.state.snapshot()).toMatchObject({ phase: "waiting", reason: "The server has been silent for too long." });
    tails.refusal = new ConnectError("a viewer may not do this", Code.PermissionDenied);
    tail.retryNow();
    await settle();
    expect(tail.state.snapshot()).toEqual({ phase: "off", reason: "a viewer may not do this" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tails.opened).toBe(1);
  });

  it("tries again when the server has too many tails", async () => {
    tails.refusal = new ConnectError("this node has 100 tails open", Code.ResourceExhausted);
    await start();
    expect(tail.state.snapshot()).toMatchObject({ phase: "waiting", reason: "this node has 100 tails open" });
    tails.refusal = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(phase()).toBe("on");
    frame();
    expect(shown()).toEqual([]);
  });

  it("pauses on the server, also the next stream", async () => {
    await start();
    await Promise.all([tail.pause(), settle()]);
    expect(tails.paused.size).toBe(1);
    tails.send("under way");
    await settle();
    tails.hangUp();
    await settle();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tails.paused.has(tails.open[0]!.request.id)).toBe(true);
    await Promise.all([tail.resume(), settle()]);
    expect(tails.paused.has(tails.open[0]!.request.id)).toBe(false);
    tails.send("b");
    tails.count(5, 0, 3, 0);
    await settle();
    frame();
    expect(shown()).toEqual([expect.stringMatching(/interrupted/), expect.stringMatching(/^Paused for \d+ s\./), "b"]);
    expect(tail.counts.snapshot()).toMatchObject({ pausedHere: 1, server: { paused: 3 } });
  });

  it("does not claim a pause that the server refuses", async () => {
    await start();
    tails.paused.add(tails.open[0]!.request.id);
    const refused = tail.pause().catch((error: Error) => error.message);
    await settle();
    expect(await refused).toMatch(/^no tail request found/);
    expect(tail.paused.snapshot()).toBe(false);
  });

  it("keeps the newest and counts the rest", async () => {
    await start();
    for (let n = 0; n < mostRows + 5; n++) tails.send(`${n}`);
    await settle();
    frame();
    expect(shown()).toHaveLength(mostRows);
    expect(shown()[0]).toBe("5");
    expect(tail.counts.snapshot()).toMatchObject({ arrived: mostRows + 5, dropped: 5 });
  });
});

describe("Recent", () => {
  it("is bounded by count", () => {
    const recent = new Recent<number>(3, 1_000);
    const dropped = Array.from({ length: 20 }, (_, n) => recent.add(n, 1));
    expect(dropped).toEqual([0, 0, 0, ...Array<number>(17).fill(1)]);
    expect(recent.list()).toEqual([17, 18, 19]);
    recent.clear();
    expect(recent.list()).toEqual([]);
    expect(recent.add(1, 1)).toBe(0);
  });

  it("is bounded by size, and shows the newest however large", () => {
    const recent = new Recent<string>(100, 10);
    recent.add("a", 4);
    recent.add("b", 4);
    expect(recent.add("c", 4)).toBe(1);
    expect(recent.add("large", 50)).toBe(2);
    expect(recent.list()).toEqual(["large"]);
    expect(recent.add("d", 1)).toBe(1);
    expect(recent.list()).toEqual(["d"]);
  });
});

describe("Counter", () => {
  const server = (n: number) => (key: string) => ({ "tail-received": n, "tail-sampled-out": 1, "tail-paused": 2, "tail-dropped": 3 })[key]?.toString();

  it("knows nothing of the server until it tells, and adds its streams up", () => {
    const counter = new Counter(() => 9);
    expect(counter.read().server).toBeUndefined();
    counter.hear(() => null);
    counter.hear(() => "many");
    expect(counter.read().server).toBeUndefined();
    counter.hear(server(5));
    counter.hear(server(7));
    counter.endStream();
    expect(counter.read().server).toEqual({ at: 9, received: 7, sampledOut: 1, paused: 2, lost: 3 });
    counter.hear(server(2));
    expect(counter.read().server).toEqual({ at: 9, received: 9, sampledOut: 2, paused: 4, lost: 6 });
  });

  it("tells the rate of the last five seconds", () => {
    let now = 100_000;
    const counter = new Counter(() => now);
    for (let n = 0; n < 10; n++) counter.arrive();
    expect(counter.read().perSecond).toBe(0);
    now += 1_000;
    expect(counter.read().perSecond).toBe(2);
    now += 5_000;
    expect(counter.read()).toMatchObject({ perSecond: 0, arrived: 10 });
  });
});

describe("Turns", () => {
  const ears = new Set<Channel>();
  /** All tabs in one process. */
  class Channel {
    onmessage: ((event: { data: unknown }) => void) | undefined;
    constructor() {
      ears.add(this);
    }
    postMessage(data: unknown) {
      for (const ear of [...ears]) if (ear !== this) setTimeout(() => ears.has(ear) && ear.onmessage?.({ data }), 1);
    }
    close() {
      ears.delete(this);
    }
  }
  let now = 0;
  const lost: number[] = [];
  const tab = (n: number, crowded = true) => new Turns(() => lost.push(n), () => crowded, () => ++now);
  const census = () => vi.advanceTimersByTimeAsync(1_000);

  beforeEach(() => {
    vi.stubGlobal("BroadcastChannel", Channel);
    ears.clear();
    lost.length = 0;
  });

  it("keeps the newest three of all tabs", async () => {
    const tabs = [0, 1, 2, 3, 4, 5].map((n) => tab(n));
    for (const one of tabs) {
      one.begin();
      await census();
    }
    expect(lost).toEqual([0, 1, 2]);
    tabs[0]!.begin();
    await census();
    expect(lost).toEqual([0, 1, 2, 3]);
  });

  it("leaves three of many that begin together", async () => {
    const tabs = [0, 1, 2, 3, 4, 5, 6].map((n) => tab(n));
    tabs.forEach((one) => one.begin());
    await census();
    expect(lost).toEqual([0, 1, 2, 3]);
  });

  it("does not count those that have ended", async () => {
    tab(0).begin();
    for (const n of [1, 2, 3]) {
      const other = tab(n);
      other.begin();
      await census();
      other.end();
    }
    tab(4).begin();
    tab(5).begin();
    await census();
    expect(lost).toEqual([]);
  });

  it("has room for all over HTTP/2", async () => {
    [0, 1, 2, 3, 4].forEach((n) => tab(n, false).begin());
    await census();
    expect(lost).toEqual([]);
  });
});
