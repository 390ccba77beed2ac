// Small things that people notice when they are missing, against a running demo server (see stage.mjs).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { eventually, until } from "./patience.mjs";
import { command, enter, inspect, steps } from "./stage.mjs";

const { BASE_URL } = process.env;
const key = "50% off/a%41 b";
const long = "a name that somebody made of everything they know of ".repeat(4).trim();

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("details", async (t) => {
  const { page, complaints, excuse } = stage;
  const step = steps(t, stage);
  const dialog = page.getByRole("dialog");
  const title = (want) => page.waitForFunction((want) => document.title === want, want);
  const focused = (want) => page.waitForFunction((want) => (document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent).trim() === want, want);

  await step("the tab names what is looked at, and going back gives it up", async () => {
    await title("Map · Streamdal");
    await page.getByRole("button", { name: /^producer user-signed-up/ }).click();
    await title("user-signed-up · Map · Streamdal");
    await page.goBack();
    await title("Map · Streamdal");
    await page.goForward();
    await title("user-signed-up · Map · Streamdal");
    await page.getByRole("link", { name: "Pipelines" }).click();
    await title("Pipelines · Streamdal");
    await page.getByRole("link", { name: /^Mask e-mail addresses/ }).click();
    await title("Mask e-mail addresses · Pipelines · Streamdal");
    await page.goBack();
    await title("Pipelines · Streamdal");
  });

  await step("a dialog takes the focus and gives it back", async () => {
    await page.getByRole("link", { name: "KV" }).click();
    await page.getByRole("button", { name: "New", exact: true }).focus();
    await page.keyboard.press("Enter");
    await dialog.getByRole("textbox", { name: "Key" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.type(key);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await focused("New");
    await page.keyboard.press("Enter");
    await dialog.getByRole("textbox", { name: "Key" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.type(key);
    await dialog.getByRole("textbox", { name: "Value" }).fill("10");
    await dialog.getByRole("button", { name: "Create" }).click();
    await page.getByRole("button", { name: key }).waitFor();
  });

  await step("the palette finds a key, whatever is in it, and its address is its own", async () => {
    await page.getByRole("link", { name: "Settings" }).click();
    await command(page, "50% off", /Key$/);
    await dialog.getByRole("heading", { name: key }).waitFor();
    await dialog.getByRole("textbox", { name: "Value" }).and(page.locator(":focus")).waitFor();
    await until("10", () => dialog.getByRole("textbox", { name: "Value" }).inputValue());
    await page.reload();
    await dialog.getByRole("heading", { name: key }).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  await step("the palette finds a notification and a session", async () => {
    await page.goto(`${BASE_URL}/notifications?new`);
    await page.getByLabel("Name").fill(long);
    await page.getByLabel("Channel").fill("#alerts");
    await page.getByLabel("Bot token").fill("xoxb-1");
    await page.getByRole("button", { name: "Create notification" }).click();
    await page.getByRole("heading", { name: long }).waitFor();
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await command(page, "everything they know", /Notification$/);
    await title(`${long} · Notifications · Streamdal`);
    await command(page, "support session", /Session$/);
    await page.getByTestId("sessions").getByText("1 of 1 have their rules").waitFor();
  });

  await step("long names are cut, not the page", async () => {
    await page.goto(`${BASE_URL}/pipelines`);
    await page.getByRole("link", { name: /^Remove card numbers/ }).click();
    await page.getByRole("link", { name: "Name and payloads" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill(long);
    await page.getByRole("textbox", { name: "Version" }).fill("2.1");
    await page.getByRole("textbox", { name: "Link" }).fill("https://wiki.example/cards");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: long }).waitFor();
    await page.getByText("version 2.1").waitFor();
    assert.equal(await page.getByRole("link", { name: "https://wiki.example/cards" }).getAttribute("target"), "_blank");
    await inspect(page, "details-pipeline");
    await eventually("a name of two lines at most", async () => (await page.getByRole("heading", { name: long }).boundingBox())?.height < 60);
    await page.getByRole("button", { name: "Delete" }).click();
    await inspect(page, "details-deletion");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    for (const [place, name] of [["/pipelines", "pipelines"], ["/notifications", "notifications"], ["/?view=list", "list"]]) {
      await page.goto(BASE_URL + place);
      await page.getByText(long).first().waitFor();
      const wide = () => page.evaluate(() => [...document.querySelectorAll("main *")].filter((one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX === "auto").length);
      await eventually(`nothing that scrolls sideways: ${name}`, async () => (await wide()) === 0);
    }
  });

  await step("code that does not come is said, and comes when it can", async () => {
    await page.goto(BASE_URL);
    excuse(/ERR_FAILED|TokensPage|Minified React error/);
    await page.route(/TokensPage/, (route) => route.abort());
    await page.getByRole("link", { name: "Tokens" }).click();
    await page.getByText("The code of this page did not come").waitFor();
    await inspect(page, "details-not-loaded");
    await page.unroute(/TokensPage/);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("No tokens yet").waitFor();
  });

  await step("what is deleted elsewhere is not here any more", async () => {
    await page.goto(`${BASE_URL}/pipelines`);
    await page.getByRole("link", { name: /^Check the shape of orders/ }).click();
    await page.getByRole("heading", { name: "Check the shape of orders" }).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByRole("button", { name: "Delete", exact: true }).click();
    await other.getByRole("dialog").getByRole("button", { name: /^Delete/ }).click();
    await other.getByRole("dialog").waitFor({ state: "detached" });
    await other.close();
    await page.getByText("This pipeline does not exist").waitFor();
    await title("Pipelines · Streamdal");
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});
