import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

/** Calls the listener every second. */
export function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  second();
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((wake) => wake());
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time in milliseconds, as of the last whole second of the clock. */
export function second(): number {
  // Nobody keeps it new while nobody listens.
  if (timer === undefined && Date.now() - now > 1_000) now = Date.now();
  return now;
}

/** The time in milliseconds, once a second, by one clock for all that show something of the last minute. */
export function useSecond(): number {
  return useSyncExternalStore(everySecond, second);
}
