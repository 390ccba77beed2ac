// Quick at first, because most interruptions are restarts; then patient, because a crowd of tabs must not hinder one.
const firstDelay = 1_000;
const longestDelay = 15_000;

/** Milliseconds to wait before attempt n (from 0), spread by random in [0, 1) so that tabs do not come back together. */
export function backoff(attempt: number, random = Math.random()): number {
  const whole = Math.min(longestDelay, firstDelay * 2 ** Math.min(attempt, 10));
  return Math.round(whole * (0.75 + random / 2));
}
