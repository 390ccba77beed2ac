// What all long-lived streams of a tab have in common.

// The server speaks at least every 10 s; twice that and a half without a word means the path is dead.
const silence = 25_000;

/**
 * Hears a stream to its end, which is an error unless the server ended it well. One that has gone silent is ended by
 * aborting the attempt with the reason.
 */
export async function listen<T>(open: (signal: AbortSignal) => AsyncIterable<T>, attempt: AbortController, hear: (message: T) => void): Promise<void> {
  const hush = () => attempt.abort(new Error("The server has been silent for too long."));
  let watchdog = setTimeout(hush, silence);
  try {
    for await (const message of open(attempt.signal)) {
      clearTimeout(watchdog);
      watchdog = setTimeout(hush, silence);
      hear(message);
    }
  } finally {
    clearTimeout(watchdog);
  }
}

/** A wait that can be cut short. */
export class Sleep {
  private end: (() => void) | undefined;

  /** Waits, at most for the given milliseconds, until something wakes it. */
  sleep(milliseconds?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(this.wake, milliseconds);
      this.end = () => {
        clearTimeout(timer);
        this.end = undefined;
        resolve();
      };
    });
  }

  readonly wake = (): void => this.end?.();
}
