// A person's way through the Console in a real browser, against a running server with live services (see stage.mjs).
//
//   MIN_SERVICES    how many services must appear (default 4)
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { getAll } from "./get-all.mjs";
import { eventually, heard, undoOf, until } from "./patience.mjs";
import { command, enter, fits, inspect, picture, steps } from "./stage.mjs";

const { BASE_URL, MIN_SERVICES = "4" } = process.env;
const name = "journey masks e-mail";
const renamed = "journey masks and marks";

let stage;
before(async () => {
  assert.ok(BASE_URL, "BASE_URL must be set");
  stage = await enter();
});
after(() => stage?.browser.close());

test("the Console", async (t) => {
  const { page, complaints, excuse } = stage;
  const step = steps(t, stage);
  const operations = page.getByRole("button", { name: /^(consumer|producer) .* of .* on / });
  const inspector = page.getByTestId("inspector");
  const attached = inspector.getByRole("list", { name: /^Attached pipelines/ }).getByRole("listitem");
  const editor = page.getByLabel("Pipeline as JSON");
  let key;
  let pipeline;

  /** Polls the server until its assignment of the operation is as wanted. */
  const assigned = (wanted, check) => eventually(wanted, async () => check((await getAll(page)).get(key) ?? []));
  /** The place of the pipeline in the panel, from 0. */
  const place = async () => (await attached.allInnerTexts()).findIndex((text) => text.includes(renamed));

  await step("the printed link logs in and leaves no trace in the address", async () => {
    await page.waitForURL(({ href }) => !href.includes("login="));
    await eventually("a title", async () => /Streamdal/.test(await page.title()));
  });

  await step("the map shows the services with their live sessions", async () => {
    await page.getByRole("button", { name: /^Service / }).nth(Number(MIN_SERVICES) - 1).waitFor();
    await operations.filter({ hasText: /[1-9]\d* live/ }).first().waitFor();
    await picture(page, "map-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "map-dark");
    await page.emulateMedia({ colorScheme: "light" });
  });

  await step("a template becomes a pipeline", async () => {
    await page.getByRole("link", { name: "Pipelines" }).click();
    await page.getByRole("button", { name: "New" }).click();
    await page.getByRole("button", { name: "Mask e-mail addresses", exact: true }).click();
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    await editor.fill((await editor.inputValue()).replace(/"name": ".*?"/, `"name": "${name}"`));
    await inspect(page, "new-pipeline");
    await page.getByRole("button", { name: "Create pipeline" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.getByRole("heading", { name, exact: true }).waitFor();
    await page.waitForURL(({ pathname }) => pathname.startsWith("/pipelines/"));
    pipeline = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
  });

  await step("its JSON is checked while it is written", async () => {
    const text = await editor.inputValue();
    await editor.fill(text.replace("{", ""));
    await page.getByRole("alert").getByText(/^Not valid JSON/).waitFor();
    await editor.fill(text.replace('"detective"', '"detectiv"'));
    await page.getByRole("alert").getByText(/“detectiv” is not a field/).waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    await until(text, () => editor.inputValue());
  });

  await step("a change waits for its return and is saved", async () => {
    await editor.fill((await editor.inputValue()).replace(name, renamed));
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await page.getByRole("link", { name: "Pipelines" }).click();
    await page.getByRole("link", { name: new RegExp(`${name}.*unsaved`) }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await page.getByRole("heading", { name: renamed, exact: true }).waitFor();
    await inspect(page, "pipeline");
  });

  await step("the server's words about what it would refuse are shown", async () => {
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    const text = await editor.inputValue();
    await editor.fill(text.replace('"DETECTIVE_TYPE_PII_EMAIL"', '"DETECTIVE_TYPE_REGEX", "args": ["("]'));
    await page.getByRole("button", { name: "Step 1 has a problem" }).click();
    await page.getByRole("alert").filter({ hasText: /\S/ }).first().waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
  });

  await step("the palette finds an operation by keyboard, and Esc closes its panel", async () => {
    await page.getByRole("link", { name: "Map", exact: true }).click();
    const first = operations.filter({ hasText: /[1-9]\d* live/ }).first();
    let text;
    [key, text] = await first.evaluate((element) => [element.dataset.key, element.textContent]);
    const row = page.locator(`[data-key="${key}"]`);
    const [, direction, operation, service, component] = /^(\S+) (.*) of (.*) on (.*?):/.exec(text);
    await command(page, `${operation} ${service} ${component} ${direction}`, operation);
    await inspector.getByRole("heading", { name: operation, exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await inspector.waitFor({ state: "detached" });
    await row.click();
    await page.waitForURL(/op=/);
    await page.reload();
    await inspector.getByRole("heading", { name: operation, exact: true }).waitFor();
  });

  await step("attaching takes effect", async () => {
    await inspector.getByRole("button", { name: "Attach a pipeline" }).click();
    const box = inspector.getByRole("combobox", { name: "Find a pipeline to attach" });
    await box.and(page.locator(":focus")).waitFor();
    await page.keyboard.type(renamed);
    await page.keyboard.press("Enter");
    await attached.filter({ hasText: renamed }).waitFor();
    await heard(page, `Attached ${renamed}`);
    await assigned("the pipeline at the end", (list) => list.at(-1)?.id === pipeline);
    await inspect(page, "attached");
  });

  await step("another window sees it", async () => {
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByTestId("inspector").getByRole("link", { name: renamed }).waitFor();
    await other.close();
  });

  await step("pausing and resuming take effect", async () => {
    const isPaused = (paused) => (list) => list.find(({ id }) => id === pipeline)?.paused === paused;
    await inspector.getByRole("button", { name: `Pause ${renamed}` }).click();
    await attached.filter({ hasText: "paused" }).waitFor();
    await assigned("the pipeline paused", isPaused(true));
    await inspector.getByRole("button", { name: `Resume ${renamed}` }).click();
    await assigned("the pipeline resumed", isPaused(false));
  });

  await step("the order can be changed", async () => {
    for (let left = await place(); left > 0; left--) {
      await inspector.getByRole("button", { name: `Move ${renamed} up` }).click();
      await until(left - 1, place);
    }
    await assigned("the pipeline first", (list) => list[0]?.id === pipeline);
  });

  await step("detaching takes effect and can be undone", async () => {
    const undo = await undoOf(page, `Detached ${renamed}`);
    await inspector.getByRole("button", { name: `Detach ${renamed}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: `Detach ${renamed}` }).click();
    await assigned("the pipeline gone", (list) => list.every(({ id }) => id !== pipeline));
    await undo.click();
    await assigned("the pipeline first again", (list) => list[0]?.id === pipeline);
  });

  await step("sessions and schema have their tabs", async () => {
    await inspector.getByRole("tab", { name: /^Sessions/ }).click();
    await inspector.getByRole("tabpanel").getByRole("listitem").first().waitFor();
    await inspect(page, "sessions");
    await inspector.getByRole("tab", { name: /^Sessions/ }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("ArrowLeft");
    await inspector.getByRole("tabpanel").getByText(/schema/i).first().waitFor();
    await picture(page, "schema");
  });

  await step("the filter dims, the list shows the same", async () => {
    await page.getByLabel("Filter the map").fill(renamed);
    await page.getByText(/^1 of \d+ operations$/).waitFor();
    await page.getByRole("button", { name: "List" }).click();
    await page.getByRole("row").filter({ hasText: renamed }).waitFor();
    await picture(page, "list");
    await page.getByRole("button", { name: "Graph" }).click();
    await page.getByLabel("Filter the map").fill("");
  });

  await step("deleting a pipeline names what uses it", async () => {
    await page.goto(`${BASE_URL}/pipelines/${encodeURIComponent(pipeline)}`);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(`${key.split(":")[2]} of ${key.split(":")[0]}`, { exact: false }).waitFor();
    await inspect(page, "delete");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await dialog.getByRole("button", { name: "Delete pipeline" }).click();
    await heard(page, `Deleted ${renamed}`);
    await assigned("the pipeline gone", (list) => list.every(({ id }) => id !== pipeline));
    await page.getByRole("link", { name: new RegExp(renamed) }).waitFor({ state: "detached" });
  });

  await step("small screens show everything too", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(BASE_URL);
    await page.getByRole("button", { name: key.split(":")[2] }).first().waitFor();
    await fits(page);
    await inspect(page, "map-small");
  });

  await step("nothing complained", async () => assert.deepEqual(complaints, []));

  await step("logging out ends the session", async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    // The browser itself reports what the server refuses to strangers.
    excuse(/status of 401/);
    await assert.rejects(getAll(page), /401|16/);
    await inspect(page, "login");
  });

  await step("a wrong token is refused in the server's words", async () => {
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").getByText(/token/).waitFor();
    assert.deepEqual(complaints, []);
  });
});
