import type { Open, ToTab, ToWorker } from "./words";

/**
 * A fetch whose answer comes from one request that all tabs share, however many they are. It is for streams of complete
 * events only. Browsers that cannot share get an answer of their own.
 */
export const sharedFetch: typeof fetch = async (input, init) => {
  if (typeof SharedWorker === "undefined") return fetch(input, init);
  const request = new Request(input, init);
  const open: Open = { kind: "open", url: request.url, headers: [...request.headers], body: new Uint8Array(await request.arrayBuffer()) };
  return follow(open, request.signal).catch((error: unknown) => {
    if (error === noWorker) return fetch(input, init);
    throw error;
  });
};

const noWorker = new Error("The worker cannot be started.");

function answer({ status, headers }: { status: number; headers: [string, string][] }, body: UnderlyingDefaultSource<Uint8Array>): Response {
  return new Response(new ReadableStream(body), { status, headers });
}

function startWorker(): SharedWorker {
  try {
    return new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "streamdal" });
  } catch {
    throw noWorker;
  }
}

function follow(open: Open, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const worker = startWorker();
    const { port } = worker;
    const say = (word: ToWorker) => port.postMessage(word);
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    const over = new AbortController();
    const leave = () => {
      say({ kind: "close" });
      over.abort();
      port.close();
    };
    const fail = (error: unknown) => {
      leave();
      reject(error);
      body?.error(error);
    };
    worker.onerror = () => fail(noWorker);
    signal.addEventListener("abort", () => fail(signal.reason), { signal: over.signal });
    // A tab that is closed cannot be noticed from the other side.
    window.addEventListener("pagehide", () => fail(new Error("The page was left.")), { signal: over.signal });
    port.onmessage = ({ data }: MessageEvent<ToTab>) => {
      switch (data.kind) {
        case "head":
          return resolve(answer(data, { start: (controller) => void (body = controller), cancel: leave }));
        case "piece":
          return body?.enqueue(data.bytes);
        case "end":
          leave();
          return body?.close();
        case "failed":
          return fail(new Error(data.reason));
      }
    };
    if (signal.aborted) return fail(signal.reason);
    say(open);
  });
}
