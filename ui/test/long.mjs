// Long lists in a browser, over the fake server: more sessions than a test can start.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { serveFake } from "./fake/serve.mjs";
import { eventually, until } from "./patience.mjs";
import { enter, steps } from "./stage.mjs";

const services = 600;
const sessions = (services / 4) * (0 + 1 + 2 + 3);

let fake;
let stage;
before(async () => {
  fake = await serveFake();
  stage = await enter(fake.url(`services=${services}&at=/sessions`));
});
after(async () => {
  await stage?.browser.close();
  await fake?.close();
});

test("a long list of sessions", async (t) => {
  const { page, complaints } = stage;
  const step = steps(t, stage);
  const table = page.getByRole("region", { name: "Sessions" });
  const rows = table.locator("tbody tr[aria-rowindex]");
  const indexes = () => rows.evaluateAll((all) => all.map((row) => Number(row.getAttribute("aria-rowindex"))));
  const inView = () =>
    table.evaluate((box) => {
      const { top, bottom } = box.getBoundingClientRect();
      const head = box.querySelector("thead").getBoundingClientRect().height;
      const seen = [...box.querySelectorAll("tbody tr[aria-rowindex]")].map((row) => row.getBoundingClientRect()).filter((row) => row.bottom > top + head && row.top < bottom);
      return { from: seen[0]?.top - top - head, to: bottom - seen.at(-1)?.bottom };
    });

  await step("has only the rows that are in view, and tells how many there are", async () => {
    await page.getByTestId("sessions").getByText(`${sessions} of ${sessions} have their rules`).waitFor();
    await until(String(sessions + 1), () => table.getByRole("table").getAttribute("aria-rowcount"));
    await eventually("a first row", async () => (await indexes())[0] === 2);
    const shown = await rows.count();
    assert.ok(shown < 100, `${shown} rows are in the page`);
  });

  await step("shows the last row at its end, and no hole on the way", async () => {
    const height = await table.evaluate((box) => box.scrollHeight);
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await table.evaluate((box, part) => box.scrollTo(0, box.scrollHeight * part), part);
      await eventually(`rows without a hole at ${part}`, async () => {
        const { from, to } = await inView();
        return from <= 1 && to <= 1;
      });
      assert.ok((await rows.count()) < 100);
    }
    await eventually("the last row", async () => (await indexes()).at(-1) === sessions + 1);
    assert.equal(await table.evaluate((box) => box.scrollHeight), height, "the room for rows changed");
  });

  await step("a filter that leaves few rows shows them, wherever one was", async () => {
    await page.getByLabel("Find a session").fill("service-599");
    await page.getByTestId("sessions").getByText("3 of 3 have their rules (of 900 sessions)").waitFor();
    await until([2, 3, 4], indexes);
    await page.getByLabel("Find a session").fill("");
    await page.getByTestId("sessions").getByText(`${sessions} of ${sessions}`).waitFor();
    await eventually("more rows", async () => (await rows.count()) > 3);
  });

  await step("a map makes room for its table in a narrow window, and comes back", async () => {
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await page.locator("canvas").first().waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("table").waitFor();
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole("table").waitFor({ state: "detached" });
    await page.locator("canvas").first().waitFor();
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});
