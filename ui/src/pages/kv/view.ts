// Bytes as people read and write them.
export type View = "text" | "json" | "hex";

/** The view that suits bytes best. */
export function suits(bytes: Uint8Array): View {
  const text = utf8(bytes);
  if (text === undefined) return "hex";
  return /^\s*[[{]/.test(text) && pretty(text) !== undefined ? "json" : "text";
}

/** Bytes in a view; undefined when they cannot be shown in it. */
export function show(bytes: Uint8Array, view: View): string | undefined {
  if (view === "hex") return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = utf8(bytes);
  return view === "text" || text === undefined ? text : pretty(text);
}

/** The bytes of what was written in a view; throws an Error that says what is wrong. */
export function read(text: string, view: View): Uint8Array {
  if (view === "hex") return readHex(text);
  if (view === "json") JSON.parse(text);
  return new TextEncoder().encode(text);
}

function readHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  const wrong = /[^0-9a-f]/i.exec(digits);
  if (wrong) throw new Error(`“${wrong[0]}” is not a hexadecimal digit.`);
  if (digits.length % 2 === 1) throw new Error("A byte has two hexadecimal digits; the last one is missing.");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    // A mark at the start is part of the value, so it must come back when the value is saved.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function pretty(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}
