/** "1 session", "3 sessions". */
export function count(n: number, one: string, many = one + "s"): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** How long ago, in the largest whole unit: "12 s", "3 min", "2 h", "5 d". */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

/** A time (ms since 1970) to the second, in the reader's zone; "" when there is no such time. */
export function moment(time: number): string {
  return Math.abs(time) <= 8.64e15 ? moments.format(time) : "";
}

/** The text as a sentence: servers begin small and leave out the full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}

/** A size in the unit that suits it: "612 B", "1.5 KiB", "3.0 MiB". */
export function bytes(n: number): string {
  if (n < 1_024) return `${n} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = n / 1_024;
  let unit = 0;
  for (; value >= 1_024 && unit < units.length - 1; unit++) value /= 1_024;
  return `${value.toFixed(1)} ${units[unit]}`;
}
