import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` talks to a running server; `npm run dev` with /test/fake.html needs none.
const server = process.env.STREAMDAL_SERVER ?? "http://127.0.0.1:8082";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    sourcemap: false,
    // The policy allows no data: fonts or scripts, and small files cache better on their own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        // Libraries change rarely: browsers keep them, and the committed build stays small to compare.
        // Those that the first page can do without come with the parts that use them.
        codeSplitting: { groups: [{ name: "libraries", test: /node_modules[\\/](?!@dnd-kit|@tanstack|diff|uplot)/ }] },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/protos.External", "/streamdal.console.v1.Console", "/streamdal.console.v1.Schemas", "/streamdal.console.v1.Tokens", "/api", "/version"].map((path) => [path, { target: server }]),
    ),
  },
});
