// Fields of bytes that usually hold text.

/** The text in bytes; undefined when they are something else. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Text as protobuf's JSON writes bytes. */
export function toBase64(text: string): string {
  return btoa(String.fromCharCode(...bytesOf(text)));
}
