// A tailed message as people look at it.
import type { TailResponse } from "../../gen/protos/common_pb";

/** What an operation read or wrote. */
export interface Payload {
  /** Undefined when it is not text. */
  text: string | undefined;
  /** The bytes of what is not text. */
  binary: Uint8Array | undefined;
  /** How many bytes the server sent. */
  size: number;
  /** How many bytes it had before the server cut it. */
  whole: number;
}

export interface Message {
  kind: "message";
  /** Counts what this tail has heard, from 1. */
  number: number;
  /** When the SDK processed it, in milliseconds since 1970. */
  time: number;
  session: string;
  /** Most SDKs do not say. */
  pipeline: string;
  before: Payload;
  /** Undefined when the SDK left it out or the pipelines left nothing: the message does not tell which. */
  after: Payload | undefined;
  changed: boolean;
}

/** Something that happened to the tail itself, between messages. */
export interface Note {
  kind: "note";
  number: number;
  time: number;
  text: string;
}

export type Entry = Message | Note;

export function messageOf(response: TailResponse, number: number): Message {
  const { originalData, newData, Metadata } = response;
  const before = payload(originalData, Metadata["original_data_bytes"]);
  const same = equal(originalData, newData);
  const after = newData.length === 0 ? undefined : same ? before : payload(newData, Metadata["new_data_bytes"]);
  return {
    kind: "message",
    number,
    time: Number(response.timestampNs / 1_000_000n),
    session: response.sessionId,
    pipeline: response.pipelineId,
    before,
    after,
    changed: after !== undefined && !same,
  };
}

/** About how much memory it takes. */
export function sizeOf({ before, after }: Message): number {
  return before.size + (after === undefined || after === before ? 0 : after.size);
}

// Text has none of these; protobuf and compressed data nearly always do.
const control = /[\0-\x08\x0e-\x1f\x7f]/;

function payload(bytes: Uint8Array, before: string | undefined): Payload {
  const whole = Math.max(bytes.length, Number(before ?? 0) || 0);
  const text = decode(bytes, whole > bytes.length);
  const isText = text !== undefined && !control.test(text);
  return { text: isText ? text : undefined, binary: isText ? undefined : bytes, size: bytes.length, whole };
}

/** The text, or undefined when it is none. What is cut may end within a character. */
function decode(bytes: Uint8Array, cut: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
  } catch {
    return undefined;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
