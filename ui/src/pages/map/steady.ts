// While the map is moved, what it shows does not change: a frame has no time for both.
let moving = false;
const waiting = new Set<() => void>();

/** Holds changes back while the map moves, and lets them happen when it stops. */
export function hold(on: boolean): void {
  moving = on;
  if (on) return;
  const all = [...waiting];
  waiting.clear();
  all.forEach((listener) => listener());
}

/** A subscription whose listener is not called while the map moves, but once afterwards. */
export function steadily(subscribe: (listener: () => void) => () => void) {
  return (listener: () => void): (() => void) => {
    const stop = subscribe(() => (moving ? void waiting.add(listener) : listener()));
    return () => {
      waiting.delete(listener);
      stop();
    };
  };
}
