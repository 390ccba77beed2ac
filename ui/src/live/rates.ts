// What flows through each operation now.
import type { Rates as RatesMessage } from "../gen/streamdal/console/v1/console_pb";

export interface Rate {
  /** Bytes per second. */
  bytes: number;
  /** Messages per second. */
  messages: number;
}

const still: Rate = { bytes: 0, messages: 0 };

/** Rates by operation. An operation's Rate stays the same object while it does not change. */
export class Rates {
  private rates = new Map<string, Rate>();
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
    for (const key of keys) {
      const rate = this.rates.get(key);
      bytes += rate?.bytes ?? 0;
      messages += rate?.messages ?? 0;
    }
    return { bytes, messages };
  }

  hear({ audiences }: RatesMessage): void {
    const next = new Map<string, Rate>();
    for (const [key, { bytes, processed }] of Object.entries(audiences)) {
      const before = this.rates.get(key);
      const same = before?.bytes === bytes && before.messages === processed;
      next.set(key, same ? before : { bytes, messages: processed });
    }
    this.rates = next;
    this.listeners.forEach((listener) => listener());
  }
}
