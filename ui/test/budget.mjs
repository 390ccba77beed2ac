// Fails when what a browser loads first has become too big.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budget = 350 * 1024;
const dist = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", dist), "utf8");
const files = ["index.html", ...[...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path]) => path)];
const sizes = files.map((path) => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length);
const total = sizes.reduce((sum, size) => sum + size, 0);

console.log(`initial load: ${(total / 1024).toFixed(1)} KiB gzip of ${budget / 1024} KiB`);
if (total > budget) {
  files.forEach((path, i) => console.error(`  ${path}: ${(sizes[i] / 1024).toFixed(1)} KiB`));
  process.exit(1);
}
