// A tail: the messages of one operation while somebody watches. It keeps them in memory and nowhere else.
import { Code, ConnectError } from "@connectrpc/connect";

import { ResponseCode, type TailResponse, TailRequestType } from "../../gen/protos/common_pb";
import { audienceOf, type Names } from "../audience";
import { backoff } from "../backoff";
import { Cell } from "../cell";
import type { ExternalClient } from "../client";
import { listen, Sleep } from "../listen";
import { succeeded, words } from "../words";
import { Counter, type Counts } from "./counts";
import { type Entry, messageOf, sizeOf } from "./message";
import { Recent } from "./recent";
import { Turns } from "./turns";

export const mostRows = 10_000;
export const mostBytes = 32 << 20;
// Long enough to do something elsewhere and come back; not for ever, because SDKs work for it.
const mostHidden = 10 * 60_000;
// A refusal has a header too, and comes right after it.
const afterHeader = 300;

export interface Wish {
  /** The only session to show; all by default. */
  session?: string | undefined;
  /** Messages per so many seconds; all by default. */
  sample?: { rate: number; seconds: number } | undefined;
}

export type TailState =
  /** With a reason unless the person stopped it. */
  | { phase: "off"; reason?: string }
  | { phase: "connecting" }
  | { phase: "on" }
  /** The stream is down; the next attempt is at retryAt (ms since 1970). */
  | { phase: "waiting"; retryAt: number; reason: string };

export class Tail {
  readonly state = new Cell<TailState>({ phase: "off" });
  readonly paused = new Cell(false);
  /** What to show, oldest first; replaced at most once per frame. */
  readonly entries = new Cell<readonly Entry[]>([]);
  readonly counts: Cell<Counts>;

  private counter = new Counter();
  private readonly recent = new Recent<Entry>(mostRows, mostBytes);
  private readonly nap = new Sleep();
  private readonly turns = new Turns(() => this.stop("Other tabs of this browser tail too. Over HTTP/1.1 there is room for three at a time, and this one was the oldest."));
  private running: AbortController | undefined;
  private id = "";
  private number = 0;
  private silentSince = 0;
  private framed = false;
  private tick: ReturnType<typeof setInterval> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: Pick<ExternalClient, "tail" | "pauseTail" | "resumeTail">,
    private readonly names: Names,
    private readonly nextFrame: (work: () => void) => void = (work) => requestAnimationFrame(work),
  ) {
    this.counts = new Cell(this.counter.read());
  }

  /** Starts, or goes on with other wishes. What was shown stays. */
  start(wish: Wish): void {
    const goesOn = this.running !== undefined;
    this.cut();
    if (!goesOn) this.counter = new Counter();
    this.running = new AbortController();
    const { signal } = this.running;
    document.addEventListener("visibilitychange", this.onVisibility, { signal });
    window.addEventListener("pagehide", () => this.stop("The page was left."), { signal });
    this.tick = setInterval(this.tell, 1_000);
    this.turns.begin();
    void this.run(wish, this.running);
  }

  stop(reason?: string): void {
    if (this.running === undefined) return;
    this.cut();
    this.paused.set(false);
    this.state.set({ phase: "off", ...(reason && { reason }) });
    this.counts.set({ ...this.counter.read(), perSecond: 0 });
  }

  /** Makes the server leave messages out and count them. Throws its words when it does not. */
  async pause(): Promise<void> {
    this.paused.set(true);
    this.silentSince = Date.now();
    // The next stream is paused as soon as it is there.
    if (this.state.snapshot().phase !== "on") return;
    try {
      await this.askPause();
    } catch (error) {
      this.paused.set(false);
      throw error;
    }
  }

  async resume(): Promise<void> {
    const answer = await this.client.resumeTail({ tailId: this.id });
    // A tail that the server does not know as paused is as good as resumed.
    if (answer.code !== ResponseCode.NOT_FOUND) succeeded(answer);
    if (!this.paused.snapshot()) return;
    this.paused.set(false);
    this.note(`Paused for ${seconds(Date.now() - this.silentSince)}. The messages of that time were left out.`);
  }

  /** Forgets what is shown. */
  clear(): void {
    this.recent.clear();
    this.changed();
  }

  /** Ends a wait at once. */
  readonly retryNow = (): void => this.nap.wake();

  private cut(): void {
    this.running?.abort();
    this.running = undefined;
    this.nap.wake();
    this.turns.end();
    clearInterval(this.tick);
    clearTimeout(this.hiddenTimer);
    this.counter.endStream();
  }

  private async run(wish: Wish, running: AbortController): Promise<void> {
    const stopped = running.signal;
    let brokenAt: number | undefined;
    for (let attempt = 0; ; attempt++) {
      if (brokenAt === undefined) this.state.set({ phase: "connecting" });
      let opened = false;
      const reason = await this.follow(wish, stopped, () => {
        opened = true;
        this.state.set({ phase: "on" });
        if (brokenAt !== undefined) this.note(`The stream was interrupted for ${seconds(Date.now() - brokenAt)}. The messages of that time are not shown.`);
        brokenAt = undefined;
      });
      if (stopped.aborted) return;
      if (reason.final) return this.stop(reason.text);
      this.counter.endStream();
      if (opened) attempt = 0;
      if (opened) brokenAt = Date.now();
      const delay = backoff(attempt);
      this.state.set({ phase: "waiting", retryAt: Date.now() + delay, reason: reason.text });
      await this.nap.sleep(delay);
      if (stopped.aborted) return;
    }
  }

  /** Follows one stream to its end and gives the reason; a final one will not be another next time. */
  private async follow({ session, sample }: Wish, stopped: AbortSignal, onOpen: () => void): Promise<{ text: string; final: boolean }> {
    // A new id for each stream: what the server counted and paused for the last one is over.
    this.id = newId();
    const request = {
      type: TailRequestType.START,
      id: this.id,
      audience: audienceOf(this.names),
      ...(sample && { sampleOptions: { sampleRate: sample.rate, sampleIntervalSeconds: sample.seconds } }),
    };
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    stopped.addEventListener("abort", abort, { once: true });
    let open = false;
    const opened = () => {
      if (open || stopped.aborted) return;
      open = true;
      onOpen();
      if (this.paused.snapshot()) void this.pauseAgain();
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await listen(
        (signal) =>
          this.client.tail(request, {
            signal,
            headers: session ? { "tail-session-id": session } : {},
            onHeader: () => void (timer = setTimeout(opened, afterHeader)),
            onTrailer: (trailer) => this.counter.hear((key) => trailer.get(key)),
          }),
        attempt,
        (response) => {
          opened();
          if (!stopped.aborted) this.hear(response);
        },
      );
      return { text: "The server ended the stream.", final: false };
    } catch (error) {
      const text = attempt.signal.aborted ? words(attempt.signal.reason) : words(error);
      return { text, final: error instanceof ConnectError && finalCodes.has(error.code) && !attempt.signal.aborted };
    } finally {
      clearTimeout(timer);
      stopped.removeEventListener("abort", abort);
    }
  }

  private hear(response: TailResponse): void {
    if (response.Keepalive) return this.counter.hear((key) => response.Metadata[key]);
    // Those that were under way when the pause began.
    if (this.paused.snapshot()) return this.counter.leaveOut();
    this.counter.arrive();
    const message = messageOf(response, ++this.number);
    this.add(message, sizeOf(message));
  }

  private note(text: string): void {
    this.add({ kind: "note", number: ++this.number, time: Date.now(), text }, text.length);
  }

  private add(entry: Entry, size: number): void {
    this.counter.drop(this.recent.add(entry, size));
    this.changed();
  }

  /** However many messages come, they are drawn once per frame. */
  private changed(): void {
    if (this.framed) return;
    this.framed = true;
    this.nextFrame(() => {
      this.framed = false;
      this.entries.set(this.recent.list());
      this.tell();
    });
  }

  private readonly tell = (): void => this.counts.set(this.counter.read());

  private async askPause(): Promise<void> {
    succeeded(await this.client.pauseTail({ tailId: this.id }));
  }

  private async pauseAgain(): Promise<void> {
    try {
      await this.askPause();
    } catch (error) {
      this.paused.set(false);
      this.note(`The pause ended with the stream: ${words(error)}`);
    }
  }

  private readonly onVisibility = (): void => {
    clearTimeout(this.hiddenTimer);
    if (document.visibilityState === "visible") return;
    this.hiddenTimer = setTimeout(() => this.stop("Nobody has looked at this tab for ten minutes."), mostHidden);
  };
}

// Asking again would be answered the same.
const finalCodes = new Set([Code.InvalidArgument, Code.PermissionDenied, Code.Unauthenticated, Code.Unimplemented, Code.NotFound]);

/** Not crypto.randomUUID, which browsers have only over TLS and on this machine. */
function newId(): string {
  return "console-" + [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function seconds(milliseconds: number): string {
  return `${Math.max(1, Math.round(milliseconds / 1_000)).toLocaleString("en")} s`;
}
