// What journeys through the Console share: a browser that complains, pictures, axe.
//
//   BASE_URL        the server, for example http://127.0.0.1:8082
//   LOGIN_URL       the one-use link that the server printed
//   CHROMIUM        the browser (default /usr/bin/chromium)
//   SCREENSHOT_DIR  where to put pictures, if any are wanted
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { chromium } from "playwright-core";

const { LOGIN_URL, SCREENSHOT_DIR, CHROMIUM = "/usr/bin/chromium" } = process.env;
const quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = [
  [1440, 900],
  [1024, 768],
  [390, 844],
];

/** A page that is logged in by a link, and what the browser complained about. */
export async function enter(link = LOGIN_URL) {
  assert.ok(link, "LOGIN_URL must be set");
  if (SCREENSHOT_DIR) mkdirSync(SCREENSHOT_DIR, { recursive: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--headless=new", ...quiet.split(" ")] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.exposeFunction("reportViolation", (text) => complaints.push(text));
  await page.addInitScript(() => {
    const report = (event) => globalThis.reportViolation(`${event.violatedDirective} forbids ${event.blockedURI}`);
    document.addEventListener("securitypolicyviolation", report);
  });
  await page.goto(link);
  await page.getByTestId("connection").getByText("Live").waitFor();
  return { browser, page, complaints };
}

/** Steps of a journey; those after a failed one would only fail for its sake. */
export function steps(t, { page, complaints }) {
  let failed = false;
  return (title, work) =>
    t.test(title, async () => {
      assert.ok(!failed, "not tried, because an earlier step failed");
      failed = true;
      await work().catch(async (error) => {
        if (SCREENSHOT_DIR) await page.screenshot({ path: join(SCREENSHOT_DIR, "failure.png") });
        const alerts = await page.getByRole("alert").allInnerTexts();
        throw new Error([error.message, ...alerts, ...complaints].join("\n"), { cause: error });
      });
      failed = false;
    });
}

/** Fails when the page is hard to use for some, in light or in dark; takes pictures at three widths. */
export async function inspect(page, name) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      if (SCREENSHOT_DIR) await page.screenshot({ path: join(SCREENSHOT_DIR, `${name}-${width}-${colorScheme}.png`), animations: "disabled" });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (wide) found.push(`${width}: the page is wider than the window`);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, nodes } of violations) {
      found.push(...nodes.map(({ target, failureSummary }) => `${colorScheme}: ${id}: ${target}: ${failureSummary}`));
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  assert.deepEqual(found, [], name);
}
