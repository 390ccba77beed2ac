// What flows through each operation now, and during the last minute.
import type { Rates as RatesMessage } from "../gen/streamdal/console/v1/console_pb";

export interface Rate {
  /** Bytes per second. */
  bytes: number;
  /** Messages per second. */
  messages: number;
  /** Steps that ended in an error, per second. */
  errors: number;
}

const still: Rate = { bytes: 0, messages: 0, errors: 0 };

/** How much of the past is kept, in milliseconds. */
export const pastKept = 60_000;

/** Messages per second from a moment on, until the next such point. */
interface Point {
  at: number;
  messages: number;
}

/** Rates by operation. An operation's Rate stays the same object while it does not change. */
export class Rates {
  private rates = new Map<string, Rate>();
  private readonly past = new Map<string, Point[]>();
  private heardFirst = Infinity;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  of(key: string): Rate {
    return this.rates.get(key) ?? still;
  }

  /** The sum over some operations. */
  sum(keys: readonly string[]): Rate {
    let bytes = 0;
    let messages = 0;
    let errors = 0;
    for (const key of keys) {
      const rate = this.rates.get(key);
      bytes += rate?.bytes ?? 0;
      messages += rate?.messages ?? 0;
      errors += rate?.errors ?? 0;
    }
    return { bytes, messages, errors };
  }

  hear({ audiences }: RatesMessage, now = Date.now()): void {
    this.heardFirst = Math.min(this.heardFirst, now);
    const next = new Map<string, Rate>();
    for (const [key, { bytes, processed: messages, errors }] of Object.entries(audiences)) {
      const before = this.rates.get(key);
      const same = before?.bytes === bytes && before.messages === messages && before.errors === errors;
      next.set(key, same ? before : { bytes, messages, errors });
    }
    for (const key of new Set([...this.rates.keys(), ...next.keys()])) {
      const messages = next.get(key)?.messages ?? 0;
      if (messages !== this.of(key).messages) this.remember(key, { at: now, messages });
    }
    this.rates = next;
    this.listeners.forEach((listener) => listener());
  }

  /**
   * The messages per second of some operations together at that many moments of the last minute, evenly spaced and the
   * newest last. Moments before the first rate was heard are left out.
   */
  history(keys: readonly string[], moments: number, now = Date.now()): number[] {
    const step = pastKept / moments;
    const first = now - step * (moments - 1);
    const known = Math.max(0, Math.ceil((this.heardFirst - first) / step));
    const sums = new Array<number>(Math.max(0, Math.min(moments, moments - known))).fill(0);
    for (const key of keys) {
      const points = this.past.get(key);
      if (!points) continue;
      let next = 0;
      sums.forEach((_, i) => {
        const at = first + (known + i) * step;
        while (next < points.length && points[next]!.at <= at) next++;
        sums[i]! += points[next - 1]?.messages ?? 0;
      });
    }
    return sums;
  }

  private remember(key: string, point: Point): void {
    const points = this.past.get(key) ?? [];
    points.push(point);
    // The newest of those that are too old says how the kept past begins.
    const old = points.findLastIndex(({ at }) => at <= point.at - pastKept);
    if (old > 0) points.splice(0, old);
    this.past.set(key, points);
  }
}
