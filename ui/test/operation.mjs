// A person's way through the panel of one operation, against a running demo server (see stage.mjs).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { BinaryWriter } from "@bufbuild/protobuf/wire";

import { getAll } from "./get-all.mjs";
import { call } from "./grpc-web.mjs";
import { atRest, dragOver, eventually, heard, turn, undoOf, until } from "./patience.mjs";
import { command, enter, inspect, steps } from "./stage.mjs";

const { BASE_URL } = process.env;
const key = "signup:operation_type_producer:user-signed-up:kafka";
const mask = "Mask e-mail addresses";
const drop = "Remove card numbers";
const check = "Check the shape of orders";

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("the panel of an operation", async (t) => {
  const { page, complaints, excuse } = stage;
  const step = steps(t, stage);
  const panel = (at = page) => at.getByTestId("inspector");
  const rows = (at = page) => panel(at).getByRole("list", { name: /^Attached pipelines/ }).getByRole("listitem");
  const button = (name, at = page) => panel(at).getByRole("button", { name, exact: true });
  const tab = (name) => panel().getByRole("tab", { name }).click();
  const names = (at = page) => rows(at).getByRole("link").evaluateAll((links) => links.map((link) => link.innerText.trim()));

  const assigned = async () => (await getAll(page)).get(key) ?? [];

  /** Polls until the rows of a page have these names, and the server as many; gives what the server has. */
  async function expectOrder(wanted, at = page) {
    let stored;
    await until({ shown: wanted, stored: wanted.length }, async () => {
      stored = await assigned();
      return { shown: await names(at), stored: stored.length };
    });
    return stored;
  }

  async function attach(name, place, at = page) {
    await button("Attach a pipeline", at).click();
    if (place) await panel(at).getByLabel("It runs").selectOption({ label: place });
    await panel(at).getByRole("combobox", { name: "Find a pipeline to attach" }).fill(name);
    await at.keyboard.press("Enter");
  }

  async function lift(name) {
    await button(`Drag ${name}`).focus();
    await page.keyboard.press("Space");
    await heard(page, `${name} is at place`);
    // The next key is listened for from the browser's next turn on.
    await turn(page);
  }

  await step("the panel says how many sessions have the pipeline, and what it did", async () => {
    await page.goto(`${BASE_URL}/?op=${key}`);
    await rows().getByText("2 of 2 sessions have it").waitFor();
    await rows().getByText(/[1-9]\S* runs\/min/).waitFor();
    await rows().getByText("0 errors/min").waitFor();
  });

  await step("a pipeline is attached at a place", async () => {
    await attach(drop, "first");
    await heard(page, `Attached ${drop} to user-signed-up`);
    const stored = await expectOrder([drop, mask]);
    assert.deepEqual(stored.map(({ paused }) => paused), [false, false]);
  });

  await step("the order changes by keyboard, and the screen reader hears it", async () => {
    await lift(drop);
    await page.keyboard.press("ArrowDown");
    await heard(page, `${drop} is at place 2 of 2.`);
    await page.keyboard.press("Space");
    await expectOrder([mask, drop]);
  });

  await step("Esc puts a lifted pipeline back and leaves the panel open", async () => {
    await lift(drop);
    await page.keyboard.press("Escape");
    await heard(page, `${drop} stays where it was.`);
    await expectOrder([mask, drop]);
  });

  await step("the order changes by dragging, and by a button", async () => {
    const from = await atRest(button(`Drag ${drop}`));
    const to = await atRest(button(`Drag ${mask}`));
    await page.mouse.move(from.x + 6, from.y + 6);
    await page.mouse.down();
    await page.mouse.move(from.x + 6, from.y - 10, { steps: 4 });
    await page.mouse.move(to.x + 6, to.y - 4, { steps: 12 });
    await heard(page, `${drop} is at place 1 of 2.`);
    await page.mouse.up();
    await expectOrder([drop, mask]);
    await dragOver(page);
    await button(`Move ${drop} down`).focus();
    await page.keyboard.press("Enter");
    await expectOrder([mask, drop]);
    // The focus stays with the row.
    await until(`Move ${drop} up`, () => page.evaluate(() => document.activeElement.getAttribute("aria-label")));
  });

  await step("a paused pipeline is left out by sessions", async () => {
    await button(`Pause ${drop}`).click();
    await rows().filter({ hasText: drop }).getByText("2 of 2 sessions left it out").waitFor();
    await inspect(page, "operation-pipelines");
    await button(`Resume ${drop}`).click();
    await rows().filter({ hasText: drop }).getByText("2 of 2 sessions have it").waitFor();
  });

  await step("detaching says what stops, can be thought over, and taken back", async () => {
    await button(`Detach ${mask}`).click();
    const dialog = page.getByRole("dialog", { name: `Detach ${mask}?` });
    await dialog.getByText("2 live sessions of signup stop at once").waitFor();
    await dialog.getByRole("listitem").filter({ hasText: "Detect e-mail addresses" }).waitFor();
    await inspect(page, "operation-detach");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    const undo = await undoOf(page, `Detached ${mask}`);
    await button(`Detach ${mask}`).click();
    await dialog.getByRole("button", { name: `Detach ${mask}` }).click();
    await expectOrder([drop]);
    await undo.click();
    await expectOrder([mask, drop]);
  });

  await step("two people change the list at once, and both get what they want", async () => {
    const other = await page.context().newPage();
    await other.goto(page.url());
    await expectOrder([mask, drop], other);
    await Promise.all([attach(check, "first"), button(`Pause ${drop}`, other).click()]);
    let stored;
    for (const at of [page, other]) {
      await until([false, false, true], async () => (stored = await expectOrder([check, mask, drop], at)).map(({ paused }) => paused));
      await rows(at).filter({ hasText: drop }).getByText("paused", { exact: true }).waitFor();
    }
    const ids = new Map(stored.map(({ id }, place) => [id, [check, mask, drop][place]]));
    await Promise.all([button(`Move ${drop} up`).click(), button(`Move ${check} down`, other).click()]);
    // Either may come first; what each wants, it gets.
    const either = [[drop, check, mask], [mask, drop, check]].map(String);
    let now;
    await eventually(`one of ${either.join(" and ")}`, async () => either.includes(String((now = (await assigned()).map(({ id }) => ids.get(id))))));
    for (const at of [page, other]) await expectOrder(now, at);
    await other.close();
  });

  await step("what the server refuses is taken back, in its words", async () => {
    await page.route("**/ChangeAssignment", (route) =>
      route.fulfill({ status: 200, headers: { "content-type": "application/grpc-web+proto", "grpc-status": "9", "grpc-message": "not today" } }),
    );
    const before = await names();
    await button(`Move ${before[0]} down`).click();
    await heard(page, `${before[0]} was not moved: not today`);
    await expectOrder(before);
    await page.unroute("**/ChangeAssignment");
  });

  await step("charts show the last hour, point by point for those who do not see them", async () => {
    await tab("Live");
    const chart = panel().getByRole("region", { name: "Messages" });
    await chart.getByText(/[1-9]\S* msg\/s$/).waitFor();
    const point = chart.getByRole("slider");
    await point.focus();
    await page.keyboard.press("ArrowLeft");
    await chart.getByText(/^\d\d:\d\d:\d\d$/).waitFor();
    await eventually("words for the point", async () => /^\d\d:\d\d:\d\d: \S+ msg\/s$/.test(await point.getAttribute("aria-valuetext")));
    const timeIn = (name) => panel().getByRole("region", { name }).getByText(/^\d\d:\d\d:\d\d$/).innerText();
    await eventually("one time that charts look at together", async () => (await timeIn("Data")) === (await timeIn("Messages")));
    await page.keyboard.press("Escape");
    await chart.getByText("latest").waitFor();
    await panel().getByRole("region", { name: "Runs of pipelines" }).getByText(mask).waitFor();
    await panel().getByText(/behind\. They begin at \d\d:\d\d, when \S+ started/).waitFor();
    await chart.locator(".u-over").hover();
    await chart.getByText(/^\d\d:\d\d:\d\d$/).waitFor();
    await page.mouse.move(10, 10);
    await inspect(page, "operation-live");
    await button("Show as a table").click();
    await page.waitForURL(/as=table/);
    await panel().getByRole("row").filter({ hasText: /\d\d:\d\d:\d\d.*\/s/ }).first().waitFor();
    await inspect(page, "operation-live-table");
  });

  await step("charts are asked for again while somebody looks", async () => {
    await page.waitForRequest(/GetCharts/);
    await tab(/^Pipelines/);
  });

  await step("charts that cannot be asked for say why", async () => {
    excuse(/net::ERR_FAILED.*GetCharts/);
    await page.route("**/GetCharts", (route) => route.abort());
    await tab("Live");
    await panel().getByText("The charts cannot be shown: The server cannot be reached.").waitFor();
    await page.unroute("**/GetCharts");
  });

  await step("the schema has its fields, its JSON and how it grew", async () => {
    await tab("Schema");
    const field = panel().getByRole("list", { name: "Fields" }).getByRole("listitem").filter({ hasText: "email" });
    await eventually("a schema", async () => {
      await panel().getByRole("button", { name: /Refresh|Look again/ }).click();
      return (await field.count()) > 0;
    });
    await inspect(page, "operation-schema");
    await button("JSON").click();
    await panel().getByRole("figure", { name: "JSON schema" }).getByText(/"email"/).waitFor();
    await panel().getByRole("button", { name: /^History/ }).click();
    await page.waitForURL(/tab=schema.*schema=history/);
    await panel().getByText(/There is one version so far|From/).first().waitFor();
  });

  await step("two versions of a schema are compared by fields and by lines", async () => {
    await call(page, "protos.Internal/SendSchema", schemaOf({ type: "object", properties: { event: { type: "string" }, coupon: { type: "number" } } }));
    await page.goto(`${BASE_URL}/?op=${key}&tab=schema&schema=history`);
    const changes = panel().getByRole("list", { name: "Changes" }).getByRole("listitem");
    await changes.filter({ hasText: /coupon.*new: number/ }).waitFor();
    const versions = await panel().getByLabel("To").locator("option").evaluateAll((all) => all.map(({ value }) => value));
    await panel().getByText("As JSON, line by line").click();
    await panel().getByRole("region", { name: /^Version \d+ and version \d+ as JSON$/ }).waitFor();
    await page.waitForURL(/lines=/);
    await inspect(page, "operation-history");
    await panel().getByLabel("From").selectOption(versions[0]);
    await page.waitForURL(new RegExp(`from=${versions[0]}`));
    await panel().getByText("These versions do not differ in any field.").waitFor();
  });

  await step("a schema becomes a pipeline that checks it, and a file", async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), button("Download").click()]);
    assert.match(download.suggestedFilename(), /^signup-user-signed-up-v\d+\.schema\.json$/);
    await button("Use in a new pipeline").click();
    await page.getByRole("heading", { name: "Check the shape of user-signed-up" }).waitFor();
    await page.waitForURL(/\/pipelines\?new=draft/);
    await page.getByText("1 of 1 step ran").waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    await page.goto(`${BASE_URL}/?op=${key}`);
  });

  await step("sessions say who they are, where they are and what they have", async () => {
    await tab(/^Sessions/);
    const sessions = panel().getByRole("list", { name: "Sessions of user-signed-up" }).getByRole("listitem");
    await sessions.nth(1).waitFor();
    const said = /Go[\s\S]*up to date[\s\S]*on \S+[\s\S]*heard \d+ s ago[\s\S]*sent \d+ \w+ ago/;
    await until([true, true], async () => (await sessions.allInnerTexts()).map((text) => said.test(text)));
    await inspect(page, "operation-sessions");
    await panel().getByRole("link", { name: "All 2 sessions on the Sessions page" }).click();
    await page.getByTestId("sessions").getByText("2 of 2 have their rules").waitFor();
    await page.goBack();
    await sessions.nth(1).waitFor();
  });

  await step("the palette acts on what is selected", async () => {
    await command(page, "attach user-signed-up", /attach/i);
    await panel().getByRole("combobox", { name: "Find a pipeline to attach" }).or(panel().getByText("All pipelines are attached.")).waitFor();
    await button("Attach a pipeline").click();
    await command(page, `pause ${mask}`, `Pause ${mask}`);
    await heard(page, `Paused ${mask} on user-signed-up`);
    await command(page, "inbound-mail sessions", "inbound-mail");
    await panel().getByRole("heading", { name: "inbound-mail" }).waitFor();
    await panel().getByRole("list", { name: "Sessions of inbound-mail" }).waitFor();
  });

  await step("the panel's width is somebody's choice, and lasts", async () => {
    const before = (await atRest(panel())).width;
    const width = async () => (await panel().boundingBox())?.width;
    await panel().getByRole("separator", { name: "Width of the panel" }).focus();
    await page.keyboard.press("ArrowLeft");
    await until(before + 24, width);
    await page.keyboard.press("Escape");
    await panel().waitFor({ state: "detached" });
    await page.goBack();
    await until(before + 24, width);
  });

  await step("an operation is deleted after its consequences were said", async () => {
    await panel().getByRole("button", { name: "Delete operation" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete inbound-mail?" });
    await dialog.getByText(/forgets this operation of support.*detaches its 1 pipeline/).waitFor();
    await inspect(page, "operation-delete");
    await dialog.getByRole("button", { name: "Delete inbound-mail" }).click();
    await heard(page, "Deleted inbound-mail");
    await panel().waitFor({ state: "detached" });
  });

  await step("a service is deleted with all of its operations", async () => {
    await page.goto(`${BASE_URL}/?service=billing`);
    await panel().getByText(/msg\/s · .*B\/s/).waitFor();
    await panel().getByRole("button", { name: "Delete service" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete billing?" });
    await dialog.getByText(/forgets all 2 operations of billing/).waitFor();
    await dialog.getByRole("listitem").filter({ hasText: "charge-card to payments-api" }).waitFor();
    await inspect(page, "service-delete");
    await dialog.getByRole("button", { name: "Delete billing" }).click();
    await heard(page, "Deleted billing");
    await until(undefined, async () => (await getAll(page)).get("billing:operation_type_producer:charge-card:payments-api"));
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});

/** An SDK's message about the schema of the operation. */
function schemaOf(schema) {
  const audience = new BinaryWriter().tag(1, 2).string("signup").tag(2, 2).string("kafka").tag(3, 0).int32(2).tag(4, 2).string("user-signed-up").finish();
  const text = new BinaryWriter().tag(1, 2).bytes(new TextEncoder().encode(JSON.stringify(schema))).finish();
  return new BinaryWriter().tag(1, 2).bytes(audience).tag(2, 2).bytes(text).finish();
}
