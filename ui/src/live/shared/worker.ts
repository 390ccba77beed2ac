// Runs once for all tabs of a browser and follows the server for them.
import { type Follower, SharedStream } from "./stream";
import type { ToWorker } from "./words";

let stream: SharedStream | undefined;

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0]!;
  const follower: Follower = (word) => port.postMessage(word);
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if (data.kind === "close") return stream?.leave(follower);
    if (!stream) {
      const made = new SharedStream(data, () => {
        if (stream === made) stream = undefined;
      });
      stream = made;
      void made.run();
    }
    stream.join(follower);
  };
});
