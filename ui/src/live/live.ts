// The one long-lived stream of a tab and what it has told us.
import type { GetAllResponse } from "../gen/protos/external_pb";
import type { NodeState, Session, WatchEvent } from "../gen/streamdal/console/v1/console_pb";
import { backoff } from "./backoff";
import { Cell } from "./cell";
import type { ConsoleClient } from "./client";
import { listen, Sleep } from "./listen";
import { type Assignment, assigned, buildModel, type Model } from "./model";
import { Rates } from "./rates";
import { isUnauthenticated, words } from "./words";

export type Connection =
  | { phase: "connecting" }
  | { phase: "live" }
  /** The stream is down; the next attempt is at retryAt (ms since 1970). */
  | { phase: "waiting"; retryAt: number; attempt: number; reason: string }
  /** Nobody is looking. */
  | { phase: "resting" };

export interface Picture {
  /** Undefined until the first answer. */
  model: Model | undefined;
  /** When the server was last heard (ms since 1970), as of the last change of the connection. */
  heardAt: number;
  connection: Connection;
}

// Drawing what nobody sees costs this machine and the server.
const restAfter = 60_000;
// The stream repeats a change within 100 ms; a proposal that it never shows was overtaken by another change.
const settleTime = 2_000;

interface Proposal {
  assignments: readonly Assignment[];
  accepted: boolean;
}

export class Live {
  /** All sessions of all nodes, with what they were sent; undefined until the first answer. */
  readonly sessions = new Cell<readonly Session[] | undefined>(undefined);
  /** The node that answers; undefined until the first answer. */
  readonly node = new Cell<NodeState | undefined>(undefined);
  readonly rates = new Rates();

  private picture: Picture = { model: undefined, heardAt: 0, connection: { phase: "connecting" } };
  private heardAt = 0;
  private base: GetAllResponse | undefined;
  private readonly proposals = new Map<string, Proposal>();
  private readonly listeners = new Set<() => void>();
  private stopped = new AbortController();
  private attempt: AbortController | undefined;
  private readonly nap = new Sleep();
  private restTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: ConsoleClient,
    private readonly onLoggedOut: (why: string) => void,
  ) {}

  /** Connects and stays connected until the returned function is called. */
  start(): () => void {
    this.stopped = new AbortController();
    const { signal } = this.stopped;
    document.addEventListener("visibilitychange", this.onVisibility, { signal });
    window.addEventListener("online", this.retryNow, { signal });
    void this.run(signal);
    return () => {
      this.stopped.abort();
      this.attempt?.abort();
      this.nap.wake();
      clearTimeout(this.restTimer);
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Picture => this.picture;

  /** Ends a wait at once. */
  readonly retryNow = this.nap.wake;

  /** The newest known list of an operation, with changes that are still on their way. */
  assignments(key: string): readonly Assignment[] {
    return this.proposals.get(key)?.assignments ?? (this.base ? assigned(this.base, key) : []);
  }

  /** Shows a list before the server has it. Call accept, with the list that the server answered, or reject afterwards. */
  propose(key: string, assignments: readonly Assignment[]): { accept(answer: readonly Assignment[]): void; reject(): void } {
    const proposal: Proposal = { assignments, accepted: false };
    this.proposals.set(key, proposal);
    this.rebuild();
    const drop = () => {
      if (this.proposals.get(key) !== proposal) return;
      this.proposals.delete(key);
      this.rebuild();
    };
    return {
      accept: (answer) => {
        // Others may have changed the list too: the server's is the one to show.
        proposal.assignments = answer;
        proposal.accepted = true;
        this.rebuild();
        setTimeout(drop, settleTime);
      },
      reject: drop,
    };
  }

  private async run(stopped: AbortSignal): Promise<void> {
    for (let attempt = 0; !stopped.aborted; attempt++) {
      if (this.picture.connection.phase === "resting") await this.nap.sleep();
      const heardBefore = this.heardAt;
      const reason = await this.follow();
      if (reason === undefined || stopped.aborted) return;
      if (this.heardAt !== heardBefore) attempt = 0;
      if (this.picture.connection.phase === "resting") continue;
      const delay = backoff(attempt);
      this.publish({ connection: { phase: "waiting", retryAt: Date.now() + delay, attempt, reason } });
      await this.nap.sleep(delay);
    }
  }

  /** Follows one stream to its end; gives the reason, or undefined when the session is over. */
  private async follow(): Promise<string | undefined> {
    const attempt = (this.attempt = new AbortController());
    if (this.picture.connection.phase !== "waiting") this.publish({ connection: { phase: "connecting" } });
    try {
      await listen((signal) => this.client.watch({}, { signal }), attempt, (event) => this.hear(event));
      return "The server ended the stream.";
    } catch (error) {
      if (isUnauthenticated(error)) {
        this.onLoggedOut(words(error));
        return undefined;
      }
      return attempt.signal.aborted ? words(attempt.signal.reason) : words(error);
    }
  }

  /** Takes in an event. One without a part is a keep-alive. */
  private hear({ part }: WatchEvent): void {
    this.heardAt = Date.now();
    if (part.case === "picture") this.draw(part.value);
    if (part.case === "sessions") this.sessions.set(part.value.sessions);
    if (part.case === "rates") this.rates.hear(part.value);
    if (part.case === "node") this.node.set(part.value);
    // Most events change no more than a rate; they must not draw the whole page again.
    if (this.picture.connection.phase !== "live") this.publish({ connection: { phase: "live" } });
  }

  private draw(all: GetAllResponse): void {
    this.base = all;
    for (const [key, proposal] of this.proposals) {
      if (proposal.accepted && same(proposal.assignments, assigned(all, key))) this.proposals.delete(key);
    }
    this.publish({ connection: { phase: "live" }, model: this.model() });
  }

  private model(): Model | undefined {
    if (!this.base) return undefined;
    return buildModel(this.base, new Map([...this.proposals].map(([key, p]) => [key, p.assignments])));
  }

  private rebuild(): void {
    this.publish({ model: this.model() });
  }

  private publish(change: Partial<Picture>): void {
    this.picture = { ...this.picture, ...change, heardAt: this.heardAt };
    this.listeners.forEach((listener) => listener());
  }

  private readonly onVisibility = (): void => {
    clearTimeout(this.restTimer);
    if (document.visibilityState === "visible") return this.retryNow();
    this.restTimer = setTimeout(() => {
      this.publish({ connection: { phase: "resting" } });
      this.attempt?.abort();
    }, restAfter);
  };
}

/** Calls the listener whenever the connection has come back, until the returned function is called. */
export function onReturn(live: Pick<Live, "subscribe" | "snapshot">, listener: () => void): () => void {
  const phase = () => live.snapshot().connection.phase;
  let before = phase();
  let away = before === "waiting";
  return live.subscribe(() => {
    const now = phase();
    if (before === "live" && now !== "live") away = true;
    before = now;
    if (now !== "live" || !away) return;
    away = false;
    listener();
  });
}

function same(a: readonly Assignment[], b: readonly Assignment[]): boolean {
  return a.length === b.length && a.every((one, i) => one.id === b[i]!.id && one.paused === b[i]!.paused);
}
