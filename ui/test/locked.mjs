// A notification that the server cannot read, against a server that was given another key (see stage.mjs).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { heard, until } from "./patience.mjs";
import { enter, inspect, steps } from "./stage.mjs";

const { BASE_URL } = process.env;

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("a locked notification", async (t) => {
  const { page, complaints } = stage;
  const step = steps(t, stage);

  await step("it is listed, and says what it waits for", async () => {
    await page.goto(`${BASE_URL}/notifications`);
    await page.getByRole("link", { name: /sealed-one.*Locked: this server has not its key/s }).click();
    await page.getByText(/sealed with a key that this server was not given/).waitFor();
    await until(0, () => page.getByRole("button", { name: /Save|Send test/ }).count());
    await inspect(page, "notification-locked");
  });

  await step("it is not deleted by accident", async () => {
    await page.getByRole("button", { name: "The key is lost" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete sealed-one?" });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("link", { name: /sealed-one/ }).waitFor();
  });

  await step("an admin deletes it when its key is lost", async () => {
    await page.getByRole("button", { name: "The key is lost" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete it for good" }).click();
    await heard(page, "Deleted sealed-one");
    await page.getByRole("heading", { name: "No notifications yet" }).waitFor();
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});
