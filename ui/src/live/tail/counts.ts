// What became of the messages of a tail.

export interface Counts {
  /** That came to this tab. */
  arrived: number;
  /** That came in each of the last seconds, on average. */
  perSecond: number;
  /** Of all nodes; undefined until the server has told, which it does every 10 s. */
  server: ServerCounts | undefined;
  /** That came during a pause, before the server had begun it. */
  pausedHere: number;
  /** Pushed out of this tab by newer ones. */
  dropped: number;
}

export interface ServerCounts {
  /** When it told, in milliseconds since 1970. */
  at: number;
  received: number;
  sampledOut: number;
  paused: number;
  lost: number;
}

const nothing: ServerCounts = { at: 0, received: 0, sampledOut: 0, paused: 0, lost: 0 };
// A rate over less jumps, over more is late.
const window = 5;

export class Counter {
  private arrived = 0;
  private pausedHere = 0;
  private dropped = 0;
  /** Of streams that have ended. */
  private before = nothing;
  /** Of the stream that is open. */
  private now = nothing;
  private told = false;
  private readonly seconds = new Map<number, number>();

  constructor(private readonly clock: () => number = Date.now) {}

  arrive(): void {
    this.arrived++;
    const second = this.second();
    this.seconds.set(second, (this.seconds.get(second) ?? 0) + 1);
    for (const old of this.seconds.keys()) if (old < second - window) this.seconds.delete(old);
  }

  leaveOut(): void {
    this.pausedHere++;
  }

  drop(n: number): void {
    this.dropped += n;
  }

  /** Takes what the server counted for the stream that is open. */
  hear(counted: (key: string) => string | null | undefined): void {
    const read = (key: string) => Number(counted(key) ?? NaN);
    const told = { at: this.clock(), received: read("tail-received"), sampledOut: read("tail-sampled-out"), paused: read("tail-paused"), lost: read("tail-dropped") };
    if (!Object.values(told).every(Number.isFinite)) return;
    this.now = told;
    this.told = true;
  }

  /** The server counts each stream for itself. */
  endStream(): void {
    this.before = sum(this.before, this.now);
    this.now = nothing;
  }

  read(): Counts {
    const { arrived, pausedHere, dropped } = this;
    const server = this.told ? sum(this.before, this.now) : undefined;
    return { arrived, perSecond: this.perSecond(), server, pausedHere, dropped };
  }

  /** Of whole seconds only: the one under way would pull it down. */
  private perSecond(): number {
    const second = this.second();
    let messages = 0;
    for (let back = 1; back <= window; back++) messages += this.seconds.get(second - back) ?? 0;
    return messages / window;
  }

  private second(): number {
    return Math.floor(this.clock() / 1_000);
  }
}

function sum(a: ServerCounts, b: ServerCounts): ServerCounts {
  return {
    at: Math.max(a.at, b.at),
    received: a.received + b.received,
    sampledOut: a.sampledOut + b.sampledOut,
    paused: a.paused + b.paused,
    lost: a.lost + b.lost,
  };
}
