// What a tab and the worker that all tabs share say to each other.

/** From a tab, as the first word: the stream that it wants to follow. */
export interface Open {
  kind: "open";
  url: string;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
}

/** From a tab, as the last word. */
export interface Close {
  kind: "close";
}

export type ToWorker = Open | Close;

/** From the worker: a head, then pieces of the body, then an end or a failure. */
export type ToTab =
  | { kind: "head"; status: number; headers: [string, string][] }
  | { kind: "piece"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "end" }
  | { kind: "failed"; reason: string };
