// The way of a person who may only look, against a running demo server (see stage.mjs; TOKEN is a viewer's).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { drawn } from "./patience.mjs";
import { enter, live, steps } from "./stage.mjs";

const { BASE_URL, TOKEN } = process.env;
const key = "signup:operation_type_producer:user-signed-up:kafka";
const change = /^(New|Upload|Save|Create|Delete|Attach|Detach|Pause|Resume|Move|Drag|Import|Duplicate|Send|Issue|Revoke|Replace|Add)\b/;

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("a viewer", async (t) => {
  const { page, complaints, excuse } = stage;
  const step = steps(t, stage);
  const panel = page.getByTestId("inspector");

  /** The buttons and links of the page that promise a change. */
  async function promises() {
    await drawn(page);
    const found = await page.evaluate(() =>
      [...document.querySelectorAll("button, a, [role=button], [role=option]")]
        .filter((one) => one.checkVisibility())
        .map((one) => (one.getAttribute("aria-label") ?? one.textContent).trim()),
    );
    return found.filter((name) => change.test(name));
  }

  await step("logs in with a token", async () => {
    // The browser itself reports that a request of a stranger was refused.
    excuse(/status of 401/);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").fill(TOKEN);
    await page.getByRole("button", { name: "Log in" }).click();
    await live(page);
  });

  await step("sees all of an operation, and changes nothing", async () => {
    await page.goto(`${BASE_URL}/?op=${key}`);
    await panel.getByText("2 of 2 sessions have it").waitFor();
    assert.deepEqual(await promises(), []);
    await panel.getByRole("tab", { name: "Live" }).click();
    await panel.getByText(/10 to 20 seconds behind/).waitFor();
    await panel.getByRole("tab", { name: /^Sessions/ }).click();
    await panel.getByRole("listitem").nth(1).waitFor();
    assert.deepEqual(await promises(), []);
    await page.goto(`${BASE_URL}/?service=signup`);
    await panel.getByRole("heading", { name: "signup" }).waitFor();
    assert.deepEqual(await promises(), []);
  });

  for (const [path, seen] of [
    ["/pipelines", "Mask e-mail addresses"],
    ["/pipelines?new", "Mask e-mail addresses"],
    ["/pipelines/6d0e3c1e-0001-4d1a-9c61-5f2d5a3e0d01", "user-signed-up"],
    ["/notifications", "No notifications yet"],
    ["/notifications?new", "No notifications yet"],
    ["/wasm", "module"],
    ["/wasm?new", "module"],
    ["/kv", "No key-value objects yet"],
    ["/kv?new", "No key-value objects yet"],
    ["/schemas", "Choose an operation"],
    ["/sessions", "have their rules"],
    ["/settings", "viewer"],
  ]) {
    await step(`finds nothing to change at ${path}`, async () => {
      await page.goto(BASE_URL + path);
      await page.getByRole("main").getByText(new RegExp(seen)).first().waitFor();
      assert.deepEqual(await promises(), []);
    });
  }

  await step("is not offered changes by the palette", async () => {
    await page.goto(`${BASE_URL}/?op=${key}`);
    await panel.waitFor();
    await page.keyboard.press("Control+k");
    const dialog = page.getByRole("dialog", { name: "Search or command" });
    await dialog.getByRole("option", { name: /Log out/ }).waitFor();
    assert.deepEqual(await promises(), []);
    for (const action of ["new", "upload", "attach", "delete"]) {
      await dialog.getByRole("combobox").fill(action);
      assert.deepEqual(await promises(), [], action);
    }
  });

  await step("has nothing to complain about", async () => assert.deepEqual(complaints, []));
});
