import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Console } from "../../src/gen/streamdal/console/v1/console_pb";
import { Actions, moved } from "../../src/live/actions";
import { backoff } from "../../src/live/backoff";
import { consoleClient, externalClient } from "../../src/live/client";
import { Live, onReturn } from "../../src/live/live";
import { words } from "../../src/live/words";
import { FakeServer } from "../fake/server";

const key = "billing:operation_type_consumer:new-order:kafka";

let page: EventTarget & { visibilityState: string };
let server: FakeServer;
let live: Live;
let actions: Actions;
let loggedOut: ReturnType<typeof vi.fn<() => void>>;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", new EventTarget());
  loggedOut = vi.fn<() => void>();
  server = new FakeServer(2);
  const transport = server.transport();
  live = new Live(consoleClient(transport), loggedOut);
  actions = new Actions(externalClient(transport), consoleClient(transport), live);
  stop = live.start();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = () => vi.advanceTimersByTimeAsync(0);
const phase = () => live.snapshot().connection.phase;
const operation = () => live.snapshot().model!.operations.get(key)!;
const ids = () => operation().pipelines.map(({ id }) => id);

function look(state: "visible" | "hidden") {
  page.visibilityState = state;
  page.dispatchEvent(new Event("visibilitychange"));
}

describe("Live", () => {
  it("follows the server", async () => {
    await settle();
    expect(phase()).toBe("live");
    expect(live.snapshot().model!.services).toHaveLength(2);
    server.names.push({ service: "third", direction: "consumer", operation: "read", component: "kafka" });
    server.changed();
    await settle();
    expect(live.snapshot().model!.services).toHaveLength(3);
    expect(live.sessions.snapshot()![0]).toMatchObject({ service: "signup", node: "node-1" });
    expect(live.node.snapshot()).toMatchObject({ name: "node-1", revision: 2n });
  });

  it("tells rates without drawing everything else again", async () => {
    await settle();
    server.rates.set(key, { bytes: 2_048, processed: 3 });
    server.changed();
    await settle();
    const rate = live.rates.of(key);
    expect(rate).toEqual({ bytes: 2_048, messages: 3, errors: 0 });
    const before = live.snapshot();
    const drawn = vi.fn();
    live.subscribe(drawn);
    server.pictured = false;
    server.changed();
    await settle();
    expect(live.rates.of(key)).toBe(rate);
    expect(live.rates.sum([key, "other"])).toEqual({ bytes: 2_048, messages: 3, errors: 0 });
    expect(drawn).not.toHaveBeenCalled();
    expect(live.snapshot()).toBe(before);
    server.rates.clear();
    server.changed();
    await settle();
    expect(live.rates.of(key)).toEqual({ bytes: 0, messages: 0, errors: 0 });
  });

  it("keeps the picture and comes back when the stream ends", async () => {
    await settle();
    server.hangUp();
    await settle();
    expect(live.snapshot().connection).toMatchObject({ phase: "waiting", attempt: 0, reason: "server shutting down" });
    expect(live.snapshot().model!.services).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(phase()).toBe("live");
  });

  it("tells when the connection has come back, and not that it came", async () => {
    const returned = vi.fn();
    const forget = onReturn(live, returned);
    await settle();
    expect(phase()).toBe("live");
    expect(returned).not.toHaveBeenCalled();
    for (const times of [1, 2]) {
      server.hangUp();
      await settle();
      expect(phase()).toBe("waiting");
      expect(returned).toHaveBeenCalledTimes(times - 1);
      live.retryNow();
      await settle();
      expect(phase()).toBe("live");
      expect(returned).toHaveBeenCalledTimes(times);
    }
    forget();
    server.hangUp();
    await settle();
    const late = vi.fn();
    onReturn(live, late);
    live.retryNow();
    await settle();
    expect(late).toHaveBeenCalledOnce();
    expect(returned).toHaveBeenCalledTimes(2);
  });

  it("comes back at once when asked", async () => {
    await settle();
    server.hangUp();
    await settle();
    live.retryNow();
    await settle();
    expect(phase()).toBe("live");
  });

  it("gives up a stream that has gone silent", async () => {
    await settle();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(live.snapshot().connection).toMatchObject({ phase: "waiting", reason: "The server has been silent for too long." });
  });

  it("rests while nobody looks and wakes when somebody does", async () => {
    await settle();
    look("hidden");
    await vi.advanceTimersByTimeAsync(59_000);
    expect(phase()).not.toBe("resting");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(phase()).toBe("resting");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(phase()).toBe("resting");
    look("visible");
    await settle();
    expect(phase()).toBe("live");
  });

  it("says so when the session is over, and stops", async () => {
    stop();
    const refuse = createRouterTransport(({ service }) => {
      service(Console, {
        async *watch() {
          throw new ConnectError("missing auth token", Code.Unauthenticated);
        },
      });
    });
    live = new Live(consoleClient(refuse), loggedOut);
    stop = live.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(loggedOut).toHaveBeenCalledTimes(1);
  });
});

describe("Actions", () => {
  it("shows a change before the server has it", async () => {
    await settle();
    const done = actions.attach(operation(), "pipeline-1");
    await Promise.resolve();
    await Promise.resolve();
    expect(ids()).toEqual(["pipeline-0", "pipeline-1"]);
    await settle();
    await done;
    expect(server.assignments.get(key)!.map(({ id }) => id)).toEqual(["pipeline-0", "pipeline-1"]);
  });

  it("takes a change back that the server refuses, and gives its words", async () => {
    await settle();
    server.refusal = "pipeline not found";
    const failure = actions.attach(operation(), "pipeline-1").catch(words);
    await settle();
    expect(await failure).toBe("pipeline not found");
    expect(ids()).toEqual(["pipeline-0"]);
  });

  it("loses none of several changes at once", async () => {
    await settle();
    const all = Promise.all([
      actions.attach(operation(), "pipeline-1"),
      actions.pause(operation(), "pipeline-0", true),
      actions.move(operation(), "pipeline-1", 0),
      actions.detach(operation(), "no-such-pipeline"),
    ]);
    await settle();
    await all;
    expect(server.assignments.get(key)).toEqual([
      { id: "pipeline-1", paused: false },
      { id: "pipeline-0", paused: true },
    ]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(operation().pipelines).toEqual(server.assignments.get(key));
  });

  it("shows what others changed at the same time", async () => {
    await settle();
    server.assignments.set(key, [{ id: "theirs", paused: true }, ...server.assignments.get(key)!]);
    const done = actions.attach(operation(), "pipeline-1");
    await settle();
    await done;
    expect(ids()).toEqual(["theirs", "pipeline-0", "pipeline-1"]);
  });

  it("yields to somebody else's change", async () => {
    await settle();
    const done = actions.attach(operation(), "pipeline-1");
    await settle();
    await done;
    server.assignments.set(key, []);
    server.changed();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ids()).toEqual([]);
  });
});

describe("moved", () => {
  const list = ["a", "b", "c"].map((id) => ({ id, paused: false }));
  it.each([
    ["a", 1, "bac"],
    ["c", 1, "acb"],
    ["a", 5, "bca"],
    ["a", 0, "abc"],
    ["x", 1, "abc"],
  ])("moves %s to place %i: %s", (id, place, want) => {
    expect(moved(list, id, place).map((one) => one.id).join("")).toBe(want);
  });
});

describe("backoff", () => {
  it("grows, is spread, and has an end", () => {
    expect([0, 1, 2, 3, 4, 100].map((n) => backoff(n, 0.5))).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect([backoff(0, 0), backoff(0, 1)]).toEqual([750, 1_250]);
  });
});
