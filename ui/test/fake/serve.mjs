// Serves the Console over the fake server as it is built for people: vite's own server would load a page again for what it finds late.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, preview } from "vite";

const root = fileURLToPath(new URL("../..", import.meta.url));
const input = fileURLToPath(new URL("index.html", import.meta.url));

export async function serveFake() {
  const dir = mkdtempSync(join(tmpdir(), "fake-"));
  await build({ root, logLevel: "error", build: { outDir: dir, emptyOutDir: true, rolldownOptions: { input } } });
  const server = await preview({ root, logLevel: "error", build: { outDir: dir }, preview: { port: 0, host: "127.0.0.1", proxy: {} } });
  const { port } = server.httpServer.address();
  return {
    /** An address with wishes, of which main.tsx tells. */
    url: (query) => `http://127.0.0.1:${port}/test/fake/index.html?${query}`,
    close: async () => {
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
