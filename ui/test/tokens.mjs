// Tokens that may do less: issued, used by another person, revoked and expired (see stage.mjs).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { issue } from "./issue.mjs";
import { until } from "./patience.mjs";
import { command, enter, inspect, live, newContext, steps } from "./stage.mjs";

const { BASE_URL } = process.env;

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("tokens", async (t) => {
  const { page, complaints, browser } = stage;
  const step = steps(t, stage);
  const nav = (name, at = page) => at.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true });
  const button = (name, at = page) => at.getByRole("button", { name, exact: true });
  const dialog = (name) => page.getByRole("dialog", { name });
  const none = (buttons) => until(0, () => buttons.count());
  let viewer;
  let token;

  /** Logs somebody else in, in a browser of their own. */
  const logIn = async (secret, at) => {
    await at.getByLabel("Token", { exact: true }).fill(secret);
    await button("Log in", at).click();
  };
  const come = async (secret) => {
    const at = await (await newContext(browser)).newPage();
    await at.goto(BASE_URL);
    await logIn(secret, at);
    return at;
  };

  await step("there are none at first; one is issued for a viewer", async () => {
    await nav("Tokens").click();
    await page.getByRole("heading", { name: "No tokens yet" }).waitFor();
    await inspect(page, "tokens-empty");
    await button("Issue").click();
    await page.waitForURL(/\/tokens\?new/);
    await page.getByLabel("Name").fill("wall screen");
    await page.getByLabel("Role").selectOption("viewer");
    await page.getByLabel("Expires").selectOption("720");
    await page.getByRole("figure", { name: "Command" }).getByText("streamdal-server token --role viewer --expires 720h --name 'wall screen'", { exact: true }).waitFor();
    await inspect(page, "tokens-issue");
    await dialog("Issue a token").getByRole("button", { name: "Issue", exact: true }).click();
    token = await dialog("The token for wall screen").getByRole("figure", { name: "Token" }).innerText();
    token = token.trim();
    assert.match(token, /^sds_[\w-]+$/);
    await inspect(page, "tokens-issued");
  });

  await step("closing warns once, because the token is shown this once", async () => {
    await page.keyboard.press("Escape");
    await page.getByRole("alert").getByText(/cannot be shown again/).waitFor();
    await button("I have copied it").click();
    const row = page.getByRole("row", { name: /^wall screen viewer works/ });
    await row.getByText(/^for (29|30) d$/).waitFor();
    await row.getByText(/by the root token$/).waitFor();
    await page.reload();
    await row.waitFor();
    assert.ok(!(await page.content()).includes(token), "the token is shown again");
  });

  await step("one is issued for the SDKs of one service, by keyboard", async () => {
    await command(page, "issue a token", "Issue a token");
    await dialog("Issue a token").getByLabel("Name").and(page.locator(":focus")).waitFor();
    await page.keyboard.type("billing in production");
    await page.getByLabel("Service").fill("billing");
    await page.getByLabel("Service").press("Tab");
    await dialog("Issue a token").getByRole("button", { name: "Issue", exact: true }).press("Enter");
    await button("I have copied it").press("Enter");
    await page.getByRole("row", { name: /^billing in production sdk for billing works/ }).waitFor();
    await page.getByLabel("Find a token").fill("wall");
    await page.getByRole("row", { name: /^billing in production/ }).waitFor({ state: "detached" });
    await page.waitForURL(/q=wall/);
    await page.getByLabel("Find a token").fill("");
    await inspect(page, "tokens");
  });

  await step("a viewer logs in with it, sees, and is offered nothing to change", async () => {
    viewer = await come(token);
    await live(viewer);
    await nav("Pipelines", viewer).click();
    await viewer.getByRole("link", { name: /Mask e-mail/i }).first().waitFor();
    await none(viewer.getByRole("button", { name: /New/ }));
    await nav("KV", viewer).click();
    await viewer.getByRole("heading", { name: /No key-value objects yet/ }).waitFor();
    await none(button("New", viewer));
    await nav("Map", viewer).click();
    await viewer.getByRole("button", { name: /charge-card of billing/ }).first().click();
    const panel = viewer.getByTestId("inspector");
    await panel.getByRole("list", { name: /^Attached pipelines/ }).waitFor();
    await none(panel.getByRole("button", { name: /attach|detach|pause|resume|move|delete|remove/i }));
    await nav("Tail", viewer).click();
    await viewer.getByRole("option", { name: /user-signed-up/ }).click();
    await viewer.getByRole("heading", { name: "Tails show personal data" }).waitFor();
    await none(button("Start", viewer));
    await nav("Settings", viewer).click();
    await viewer.getByRole("region", { name: "Server" }).getByText(/^viewer$/).waitFor();
    const id = await page.getByRole("row", { name: /^wall screen/ }).locator(".mono").innerText();
    await viewer.getByRole("region", { name: "Server" }).getByText(id, { exact: true }).waitFor();
    await nav("Tokens", viewer).click();
    await viewer.getByRole("heading", { name: "Tokens are issued by administrators" }).waitFor();
    await none(button("Issue", viewer));
    await inspect(viewer, "tokens-viewer");
  });

  await step("the viewer logs out, and in again where they were", async () => {
    await button("Log out", viewer).click();
    await viewer.getByRole("button", { name: "Log in" }).waitFor();
    await logIn(token, viewer);
    await viewer.getByRole("heading", { name: "Tokens are issued by administrators" }).waitFor();
  });

  await step("it is revoked: the viewer's tab is told at once, and the token works no more", async () => {
    await button("Revoke wall screen").click();
    await dialog("Revoke wall screen?").waitFor();
    await inspect(page, "tokens-revoke");
    await dialog("Revoke wall screen?").getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByRole("row", { name: /^wall screen viewer revoked/ }).waitFor();
    await none(button("Revoke wall screen"));
    await viewer.getByRole("alert").getByText("This token was revoked. Log in with another one to continue where you were.").waitFor();
    await logIn(token, viewer);
    await viewer.getByRole("alert").getByText("This token was revoked.", { exact: true }).waitFor();
    await inspect(viewer, "tokens-revoked");
  });

  await step("a token that expires ends the session that was made with it", async () => {
    const inside = viewer.getByTestId("connection").getByText("Live");
    const refused = viewer.getByRole("alert");
    let short;
    // As long as the log-in takes on this machine.
    for (let seconds = 6; seconds < 50 && !(await inside.isVisible()); seconds *= 2) {
      short = await issue(page, "editor", seconds);
      await logIn(short, viewer);
      await inside.or(refused).first().waitFor();
    }
    await viewer.getByRole("alert").getByText("Your session has ended. Log in again to continue where you were.").waitFor();
    await logIn(short, viewer);
    await viewer.getByRole("alert").getByText("This token has expired.", { exact: true }).waitFor();
  });

  await step("an administrator with a token cannot make another", async () => {
    await logIn(await issue(page, "admin", 600), viewer);
    await button("Issue", viewer).click();
    await viewer.getByText(/^You are logged in with a token yourself/).waitFor();
    await until(["sdk: for an application", "viewer", "editor"], () => viewer.getByLabel("Role").locator("option").allInnerTexts());
    await viewer.getByRole("dialog", { name: "Issue a token" }).getByRole("button", { name: "Issue", exact: true }).click();
    await viewer.getByRole("alert").getByText(/^The token would outlive yours/).waitFor();
    await viewer.keyboard.press("Escape");
    await button("Log out", viewer).click();
  });

  await step("an SDK's token is none for the Console", async () => {
    await logIn(await issue(page, "sdk", 600), viewer);
    await viewer.getByRole("alert").getByText(/^This token is for an SDK/).waitFor();
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});
