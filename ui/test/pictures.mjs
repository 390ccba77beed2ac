// Takes the pictures of the docs, in light and in dark, of a running demo (see stage.mjs): `make screenshots`.
//
//   WARM  seconds of traffic that the map has seen when its picture is taken (default 3; a minute fills its curves)
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { enter, newContext } from "./stage.mjs";

const { BASE_URL, SCREENSHOT_DIR, WARM = "3" } = process.env;
const signup = "signup:operation_type_producer:user-signed-up:kafka";

test("pictures for the docs", { timeout: 300_000 }, async (t) => {
  assert.ok(SCREENSHOT_DIR, "SCREENSHOT_DIR must be set");
  const stage = await enter();
  t.after(() => stage.browser.close());
  const context = await newContext(stage.browser, {
    viewport: { width: 1280, height: 720 },
    deviceScaleFactor: 2,
    storageState: await stage.page.context().storageState(),
  });
  const page = await context.newPage();

  const take = async (name) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const path = join(SCREENSHOT_DIR, `${name}-${colorScheme}.png`);
      await page.mouse.move(1, 1);
      await page.screenshot({ path, animations: "disabled" });
      assert.ok(statSync(path).size > 40_000, `${name} shows next to nothing`);
    }
  };

  await t.test("the map", async () => {
    await page.goto(BASE_URL);
    await page.getByRole("button", { name: /^producer user-signed-up/ }).getByText(/[1-9]\d* msg\/s$/).waitFor();
    await page.waitForTimeout(Number(WARM) * 1_000);
    await take("console");
  });

  await t.test("the editor", async () => {
    await page.goto(`${BASE_URL}/pipelines`);
    await page.getByRole("link", { name: /^Mask e-mail addresses/ }).click();
    await page.getByRole("heading", { name: "Mask e-mail addresses" }).waitFor();
    await page.getByRole("region", { name: "Try it" }).getByRole("listitem").first().waitFor();
    await take("editor");
  });

  await t.test("the tail", async () => {
    await page.goto(`${BASE_URL}/tail/${signup}`);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    const rows = page.getByRole("list", { name: "Messages" }).locator("[data-number]");
    await rows.nth(7).waitFor();
    await rows.nth(1).click();
    await page.getByRole("region", { name: "Before and after" }).locator("[data-kind=add]").first().waitFor();
    await take("tail");
  });
});
