// A cable to the server that can be pulled, because browsers keep open streams when they are told to be offline.
import { connect, createServer } from "node:net";

/** Carries connections of a port of its own to the server at url. */
export async function cable(url) {
  const { hostname, port } = new URL(url);
  const sockets = new Set();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    /** The same address by way of the cable. */
    over: (address) => Object.assign(new URL(address), { host: `127.0.0.1:${server.address().port}` }).href,
    /** Cuts what is connected now; new connections work. */
    pull: () => sockets.forEach((socket) => socket.destroy()),
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}
