// What journeys through the Console share: a browser that complains, pictures, axe.
//
//   BASE_URL        the server, for example http://127.0.0.1:8082
//   LOGIN_URL       the one-use link that the server printed
//   CHROMIUM        the browser (default /usr/bin/chromium)
//   SCREENSHOT_DIR  where to put pictures, if any are wanted
//   SLOWER          by how much the browser's pages are slowed down, to find what hangs on a fast machine
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { eventually, listen, patience } from "./patience.mjs";

const { LOGIN_URL, SCREENSHOT_DIR, SLOWER, CHROMIUM = "/usr/bin/chromium" } = process.env;
const quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = [
  [1440, 900],
  [1024, 768],
  [390, 844],
];

/** A page that is logged in by a link, and what its pages complain about. */
export async function enter(link = LOGIN_URL) {
  assert.ok(link, "LOGIN_URL must be set");
  if (SCREENSHOT_DIR) mkdirSync(SCREENSHOT_DIR, { recursive: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--headless=new", ...quiet.split(" ")], timeout: 2 * patience });
  const complaints = [];
  const excuses = [];
  const complain = (text) => excuses.some((pattern) => pattern.test(text)) || complaints.push(text);
  /** Lets complaints pass that a step asks for, whenever they come. */
  const excuse = (pattern) => {
    excuses.push(pattern);
    complaints.splice(0, complaints.length, ...complaints.filter((text) => !pattern.test(text)));
  };
  const context = await newContext(browser);
  context.on("console", (message) => message.type() === "error" && complain(`${message.text()} ${message.location().url}`));
  context.on("weberror", (failure) => complain(failure.error().message));
  await context.exposeFunction("reportViolation", complain);
  await context.addInitScript(() => {
    const report = (event) => globalThis.reportViolation(`${event.violatedDirective} forbids ${event.blockedURI}`);
    document.addEventListener("securitypolicyviolation", report);
  });
  const page = await context.newPage();
  await page.goto(link);
  await live(page);
  return { browser, page, complaints, excuse };
}

/** What a person has for themselves: a cookie, a storage, tabs. */
export async function newContext(browser, options) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(patience);
  await context.addInitScript(listen);
  if (SLOWER) context.on("page", (page) => void slowDown(page));
  return context;
}

async function slowDown(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: Number(SLOWER) });
}

export function live(page) {
  return page.getByTestId("connection").getByText("Live").waitFor();
}

/** Steps of a journey; those after a failed one would only fail for its sake. */
export function steps(t, { page, complaints }) {
  let failed = false;
  return (title, work) =>
    t.test(title, async () => {
      assert.ok(!failed, "not tried, because an earlier step failed");
      failed = true;
      await work().catch(async (error) => {
        await picture(page, "failure").catch(() => undefined);
        const alerts = await page.getByRole("alert").allInnerTexts().catch(() => []);
        throw new Error([error.message, ...alerts, ...complaints].join("\n"), { cause: error });
      });
      failed = false;
    });
}

/** Opens the palette and types what leads to the choice. */
export async function command(page, words, choice) {
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search or command" });
  await palette.getByRole("combobox").and(page.locator(":focus")).waitFor();
  await page.keyboard.type(words);
  await palette.locator('[role=option][aria-selected="true"]').filter({ hasText: choice }).waitFor();
  await page.keyboard.press("Enter");
  await palette.waitFor({ state: "detached" });
}

export async function picture(page, name) {
  if (SCREENSHOT_DIR) await page.screenshot({ path: join(SCREENSHOT_DIR, `${name}.png`), animations: "disabled" });
}

/** Fails when the page is hard to use for some, in light or in dark; takes pictures at three widths. */
export async function inspect(page, name) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      await picture(page, `${name}-${width}-${colorScheme}`);
      await fits(page);
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

/** Waits until the page is no larger than its window: what scrolls, scrolls within. */
export function fits(page) {
  const { width, height } = page.viewportSize();
  return eventually(`room for the page in ${width} by ${height} pixels`, () =>
    page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight),
  );
}
