// A person's way through the Console in a real browser, against a running server with live services.
//
//   BASE_URL        the server, for example http://127.0.0.1:8082
//   LOGIN_URL       the one-use link that the server printed
//   CHROMIUM        the browser (default /usr/bin/chromium)
//   SCREENSHOT_DIR  where to put pictures, if any are wanted
//   MIN_SERVICES    how many services must appear (default 4)
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { getAll } from "./get-all.mjs";

const { BASE_URL, LOGIN_URL, SCREENSHOT_DIR, CHROMIUM = "/usr/bin/chromium", MIN_SERVICES = "4" } = process.env;
const name = "journey masks e-mail";
const renamed = "journey masks and marks";
const patience = 20_000;

let browser;
let context;
let page;
/** What the browser complained about. */
const complaints = [];

before(async () => {
  assert.ok(BASE_URL && LOGIN_URL, "BASE_URL and LOGIN_URL must be set");
  if (SCREENSHOT_DIR) mkdirSync(SCREENSHOT_DIR, { recursive: true });
  const quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--headless=new", ...quiet.split(" ")] });
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(patience);
  page = await newPage();
});

after(() => browser?.close());

/** A page whose errors and policy violations are complaints. */
async function newPage() {
  const made = await context.newPage();
  made.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  made.on("pageerror", (error) => complaints.push(error.message));
  await made.exposeFunction("reportViolation", (text) => complaints.push(text));
  await made.addInitScript(() => {
    const report = (event) => globalThis.reportViolation(`${event.violatedDirective} forbids ${event.blockedURI}`);
    document.addEventListener("securitypolicyviolation", report);
  });
  return made;
}

async function picture(file, at = page) {
  if (SCREENSHOT_DIR) await at.screenshot({ path: join(SCREENSHOT_DIR, `${file}.png`), animations: "disabled" });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What makes the page hard to use for some, in light and in dark. */
async function barriers(at = page) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await at.emulateMedia({ colorScheme });
    await at.evaluate(axe);
    const { violations } = await at.evaluate(() => globalThis.axe.run());
    for (const { id, nodes } of violations) {
      found.push(...nodes.map(({ target, failureSummary }) => `${colorScheme}: ${id}: ${target}: ${failureSummary}`));
    }
  }
  await at.emulateMedia({ colorScheme: "light" });
  return found;
}

const services = (at = page) => at.getByRole("button", { name: /^Service / });
const operations = (at = page) => at.getByRole("button", { name: /^(consumer|producer) .* of .* on / });
const inspector = () => page.getByTestId("inspector");
const attached = () => inspector().getByRole("list", { name: /^Attached pipelines/ }).getByRole("listitem");
const editor = () => page.getByLabel("Pipeline as JSON");
const toast = (text) => page.getByRole("status").getByText(text);

/** Polls the server until its assignment of the operation is as wanted. */
async function expectAssigned(key, check, wanted) {
  const deadline = Date.now() + patience;
  for (;;) {
    const list = (await getAll(page)).get(key) ?? [];
    if (check(list)) return;
    assert.ok(Date.now() < deadline, `the server never had ${wanted}; it has ${JSON.stringify(list)}`);
    await page.waitForTimeout(50);
  }
}

test("the Console", async (t) => {
  let key;
  let pipeline;
  let failed = false;
  /** One step; those after a failed one would only fail for its sake. */
  const step = (title, work) =>
    t.test(title, async () => {
      assert.ok(!failed, "not tried, because an earlier step failed");
      failed = true;
      await work().catch(async (error) => {
        await picture("failure");
        const alerts = await page.getByRole("alert").allInnerTexts();
        throw new Error([error.message, ...alerts, ...complaints].join("\n"), { cause: error });
      });
      failed = false;
    });

  await step("the printed link logs in and leaves no trace in the address", async () => {
    await page.goto(LOGIN_URL);
    await page.getByTestId("connection").getByText("Live").waitFor();
    assert.ok(!page.url().includes("login="), page.url());
    assert.match(await page.title(), /Streamdal/);
  });

  await step("the map shows the services with their live sessions", async () => {
    await services().nth(Number(MIN_SERVICES) - 1).waitFor();
    await operations().filter({ hasText: /[1-9]\d* live/ }).first().waitFor();
    await picture("map-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture("map-dark");
    await page.emulateMedia({ colorScheme: "light" });
  });

  await step("a template becomes a pipeline", async () => {
    await page.getByRole("link", { name: "Pipelines" }).click();
    await page.getByRole("button", { name: "New" }).click();
    await page.getByRole("button", { name: "Mask e-mail addresses", exact: true }).click();
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    await editor().fill((await editor().inputValue()).replace(/"name": ".*?"/, `"name": "${name}"`));
    await picture("new-pipeline");
    assert.deepEqual(await barriers(), []);
    await page.getByRole("button", { name: "Create pipeline" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.getByRole("heading", { name, exact: true }).waitFor();
    pipeline = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
  });

  await step("its JSON is checked while it is written", async () => {
    const text = await editor().inputValue();
    await editor().fill(text.replace("{", ""));
    await page.getByRole("alert").getByText(/^Not valid JSON/).waitFor();
    await editor().fill(text.replace('"detective"', '"detectiv"'));
    await page.getByRole("alert").getByText(/“detectiv” is not a field/).waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    assert.equal(await editor().inputValue(), text);
  });

  await step("a change waits for its return and is saved", async () => {
    await editor().fill((await editor().inputValue()).replace(name, renamed));
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await page.getByRole("link", { name: "Pipelines" }).click();
    await page.getByRole("link", { name: new RegExp(`${name}.*unsaved`) }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.getByRole("heading", { name: renamed, exact: true }).waitFor();
    await picture("pipeline");
    assert.deepEqual(await barriers(), []);
  });

  await step("the server's words about what it would refuse are shown", async () => {
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    const text = await editor().inputValue();
    await editor().fill(text.replace('"DETECTIVE_TYPE_PII_EMAIL"', '"DETECTIVE_TYPE_REGEX", "args": ["("]'));
    await page.getByRole("button", { name: "Step 1 has a problem" }).click();
    assert.notEqual((await page.getByRole("alert").first().innerText()).trim(), "");
    await page.getByRole("button", { name: "Discard" }).click();
  });

  await step("the palette finds an operation by keyboard, and Esc closes its panel", async () => {
    await page.getByRole("link", { name: "Map", exact: true }).click();
    const row = operations().filter({ hasText: /[1-9]\d* live/ }).first();
    key = await row.getAttribute("data-key");
    const [, direction, operation, service, component] = /^(\S+) (.*) of (.*) on (.*?):/.exec(await row.textContent());
    await page.keyboard.press("Control+k");
    await page.keyboard.type(`${operation} ${service} ${component} ${direction}`);
    await page.keyboard.press("Enter");
    await inspector().getByRole("heading", { name: operation, exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await inspector().waitFor({ state: "detached" });
    await row.click();
    await page.reload();
    await inspector().getByRole("heading", { name: operation, exact: true }).waitFor();
  });

  await step("attaching takes effect", async () => {
    await inspector().getByRole("button", { name: "Attach a pipeline" }).click();
    await page.keyboard.type(renamed);
    await page.keyboard.press("Enter");
    await attached().filter({ hasText: renamed }).waitFor();
    await toast(`Attached ${renamed}`).waitFor();
    await expectAssigned(key, (list) => list.at(-1)?.id === pipeline, "the pipeline at the end");
    await picture("attached");
    assert.deepEqual(await barriers(), []);
  });

  await step("another window sees it", async () => {
    const other = await newPage();
    await other.goto(page.url());
    await other.getByTestId("inspector").getByRole("link", { name: renamed }).waitFor();
    await other.close();
  });

  await step("pausing and resuming take effect", async () => {
    const isPaused = (paused) => (list) => list.find(({ id }) => id === pipeline)?.paused === paused;
    await inspector().getByRole("button", { name: `Pause ${renamed}` }).click();
    await attached().filter({ hasText: "paused" }).waitFor();
    await expectAssigned(key, isPaused(true), "the pipeline paused");
    await inspector().getByRole("button", { name: `Resume ${renamed}` }).click();
    await expectAssigned(key, isPaused(false), "the pipeline resumed");
  });

  await step("the order can be changed", async () => {
    const up = inspector().getByRole("button", { name: `Move ${renamed} up` });
    for (let left = await attached().count(); left > 1; left--) await up.click();
    await expectAssigned(key, (list) => list[0]?.id === pipeline, "the pipeline first");
  });

  await step("detaching takes effect and can be undone", async () => {
    await inspector().getByRole("button", { name: `Detach ${renamed}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: `Detach ${renamed}` }).click();
    await expectAssigned(key, (list) => list.every(({ id }) => id !== pipeline), "the pipeline gone");
    await page.getByRole("status").filter({ hasText: `Detached ${renamed}` }).getByRole("button", { name: "Undo" }).last().click();
    await expectAssigned(key, (list) => list[0]?.id === pipeline, "the pipeline first again");
  });

  await step("sessions and schema have their tabs", async () => {
    await inspector().getByRole("tab", { name: /^Sessions/ }).click();
    await inspector().getByRole("tabpanel").getByRole("listitem").first().waitFor();
    await picture("sessions");
    assert.deepEqual(await barriers(), []);
    await page.keyboard.press("ArrowLeft");
    await inspector().getByRole("tabpanel").getByText(/schema/i).first().waitFor();
    await picture("schema");
  });

  await step("the filter dims, the list shows the same", async () => {
    await page.getByLabel("Filter the map").fill(renamed);
    await page.getByText(/^1 of \d+ operations$/).waitFor();
    await page.getByRole("button", { name: "List" }).click();
    await page.getByRole("row").filter({ hasText: renamed }).waitFor();
    await picture("list");
    await page.getByRole("button", { name: "Graph" }).click();
    await page.getByLabel("Filter the map").fill("");
  });

  await step("deleting a pipeline names what uses it", async () => {
    await page.goto(`${BASE_URL}/pipelines/${encodeURIComponent(pipeline)}`);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(`${key.split(":")[2]} of ${key.split(":")[0]}`, { exact: false }).waitFor();
    await picture("delete");
    assert.deepEqual(await barriers(), []);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await dialog.getByRole("button", { name: "Delete pipeline" }).click();
    await toast(`Deleted ${renamed}`).waitFor();
    await expectAssigned(key, (list) => list.every(({ id }) => id !== pipeline), "the pipeline gone");
    await page.getByRole("link", { name: new RegExp(renamed) }).waitFor({ state: "detached" });
  });

  await step("small screens show everything too", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(BASE_URL);
    await page.getByRole("button", { name: key.split(":")[2] }).first().waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, "the page is wider than the screen");
    await picture("map-small");
    assert.deepEqual(await barriers(), []);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await step("nothing complained", async () => assert.deepEqual(complaints, []));

  await step("logging out ends the session", async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    await assert.rejects(getAll(page), /401|16/);
    await picture("login");
    assert.deepEqual(await barriers(), []);
  });

  await step("a wrong token is refused in the server's words", async () => {
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").getByText(/token/).waitFor();
    // The browser itself reports each 401 that was asked for here; nothing else may be reported.
    assert.deepEqual(complaints.filter((text) => !/status of 401/.test(text)), []);
  });
});
