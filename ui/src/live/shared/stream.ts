// One stream of events from the server for all tabs of a browser, as gRPC-Web sends it.
import type { Open, ToTab } from "./words";

/** A tab that follows. */
export type Follower = (word: ToTab) => void;

// The server speaks at least every 10 s. Tabs give up a little later, so that they need not find out one by one.
const silence = 20_000;
const prefix = 5;
const messageFlags = 0;

/** Those who come later hear first what the others know: the newest event of each part, which is complete. */
export class SharedStream {
  private readonly followers = new Set<Follower>();
  private readonly newest = new Map<number, Uint8Array<ArrayBuffer>>();
  private readonly stopped = new AbortController();
  private head: ToTab | undefined;
  private rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private watchdog: ReturnType<typeof setTimeout> | undefined;

  /** onEnd is called when nobody can join any more. */
  constructor(
    private readonly request: Open,
    private readonly onEnd: () => void,
    private readonly ask: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  async run(): Promise<void> {
    try {
      this.waitForWord();
      const { url, headers, body } = this.request;
      const response = await this.ask(url, { method: "POST", headers, body, credentials: "same-origin", redirect: "error", signal: this.stopped.signal });
      this.tell((this.head = { kind: "head", status: response.status, headers: [...response.headers] }));
      const reader = response.body?.getReader();
      for (;;) {
        const read = await reader?.read();
        if (!read || read.done) break;
        this.waitForWord();
        this.take(read.value);
      }
      this.finish({ kind: "end" });
    } catch (error) {
      this.finish({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }

  join(follower: Follower): void {
    this.followers.add(follower);
    if (this.head) follower(this.head);
    for (const bytes of this.newest.values()) follower({ kind: "piece", bytes });
  }

  /** Ends the stream with the last of its followers. */
  leave(follower: Follower): void {
    this.followers.delete(follower);
    if (this.followers.size > 0) return;
    this.onEnd();
    this.stopped.abort();
  }

  /** Tells whole frames only, so that a follower can come between any two. */
  private take(bytes: Uint8Array): void {
    this.rest = joined(this.rest, bytes);
    let at = 0;
    for (;;) {
      const length = frameLength(this.rest, at);
      if (length === undefined || at + length > this.rest.length) break;
      this.frame(this.rest.slice(at, at + length));
      at += length;
    }
    this.rest = this.rest.slice(at);
  }

  private frame(bytes: Uint8Array<ArrayBuffer>): void {
    // A message of the stream sets one field, its part; a keep-alive none.
    if (bytes[0] === messageFlags && bytes.length > prefix) this.newest.set(bytes[prefix]!, bytes);
    this.tell({ kind: "piece", bytes });
  }

  private tell(word: ToTab): void {
    this.followers.forEach((follower) => follower(word));
  }

  private finish(word: ToTab): void {
    clearTimeout(this.watchdog);
    this.onEnd();
    this.tell(word);
    this.followers.clear();
  }

  private waitForWord(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.stopped.abort(new Error("The server has been silent for too long.")), silence);
  }
}

/** With its prefix of flags and length; undefined as long as that is not complete. */
function frameLength(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length < at + prefix) return undefined;
  return prefix + new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(1);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
