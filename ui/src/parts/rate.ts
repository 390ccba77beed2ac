// Rates in words, always with their unit.

/** "0 msg/s", "0.4 msg/s", "12 msg/s", "1.2k msg/s", "3.4M msg/s". */
export function messageRate(perSecond: number): string {
  return rateOf(perSecond, "msg");
}

/** The same of other things: "1.2k errors/s". */
export function rateOf(perSecond: number, what: string): string {
  return `${brief(perSecond)} ${what}/s`;
}

/** "0 err/s", "0.4 err/s": steps that ended in an error. */
export function errorRate(perSecond: number): string {
  return `${short(perSecond, ["", "k", "M", "G"])} err/s`;
}

/** "0 B/s", "340 B/s", "1.2 kB/s", "3.4 MB/s". */
export function byteRate(perSecond: number): string {
  return `${short(perSecond, [" B", " kB", " MB", " GB", " TB"])}/s`;
}

/** A number in at most five characters: "0", "<0.1", "12", "1.2k". */
export function brief(value: number): string {
  return short(value, ["", "k", "M", "G"]);
}

/** Two or three digits and the prefix that they count. */
function short(value: number, prefixes: readonly string[]): string {
  let rest = Math.max(0, value);
  let at = 0;
  // From 999.5 on, rounding would give four digits.
  for (; rest >= 999.5 && at < prefixes.length - 1; at++) rest /= 1_000;
  const digits = rest >= 9.95 || rest === 0 ? 0 : 1;
  // Something must not look like nothing.
  const text = rest > 0 && rest < 0.05 ? "<0.1" : rest.toFixed(digits).replace(/\.0$/, "");
  return text + prefixes[at];
}
