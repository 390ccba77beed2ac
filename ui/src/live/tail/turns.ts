// Browsers give all tabs of a site six connections over HTTP/1.1. Three tails, and the one stream that all tabs share,
// leave two of them for everything else.
const most = 3;
const channelName = "streamdal-tails";
// Tabs that are alive answer at once; those that are not must not count.
const census = 250;

interface Word {
  kind: "began" | "running";
  id: number;
  at: number;
}

/** Keeps the newest tails of all tabs running. */
export class Turns {
  private channel: BroadcastChannel | undefined;
  private readonly id = Math.random();
  private at = 0;
  private newer = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly onLost: () => void,
    private readonly crowded = overHTTP1,
    private readonly clock: () => number = Date.now,
  ) {}

  begin(): void {
    this.end();
    if (!this.crowded()) return;
    this.at = this.clock();
    this.channel = new BroadcastChannel(channelName);
    this.channel.onmessage = ({ data }: MessageEvent<Word>) => this.hear(data);
    this.say("began");
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.channel?.close();
    this.channel = undefined;
  }

  /** Whenever one begins, all tell that they are there, and each counts the newer ones. */
  private hear({ kind, id, at }: Word): void {
    if (kind === "began") {
      this.say("running");
      if (this.timer === undefined) {
        this.newer.clear();
        this.timer = setTimeout(() => this.judge(), census);
      }
    }
    if (at > this.at || (at === this.at && id > this.id)) this.newer.add(id);
  }

  private judge(): void {
    this.timer = undefined;
    if (this.newer.size < most) return;
    this.end();
    this.onLost();
  }

  private say(kind: Word["kind"]): void {
    this.channel?.postMessage({ kind, id: this.id, at: this.at } satisfies Word);
  }
}

/** Over HTTP/2 and later there is room for all. */
function overHTTP1(): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return !/^h[23]/.test(navigation?.nextHopProtocol ?? "");
}
