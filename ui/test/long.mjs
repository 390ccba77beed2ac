// Long lists in a browser, over the fake server: more sessions than a test can start.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { createServer } from "vite";

const services = 600;
const sessions = (services / 4) * (0 + 1 + 2 + 3);

let vite;
let stage;
let steps;
before(async () => {
  vite = await createServer({ root: fileURLToPath(new URL("..", import.meta.url)), server: { port: 0, host: "127.0.0.1", proxy: {} }, logLevel: "error" });
  await vite.listen();
  process.env.LOGIN_URL = new URL(`/test/fake/?services=${services}&at=/sessions`, vite.resolvedUrls.local[0]).href;
  const stages = await import("./stage.mjs");
  steps = stages.steps;
  stage = await stages.enter();
});
after(async () => {
  await stage?.browser.close();
  await vite?.close();
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
    assert.equal(await table.getByRole("table").getAttribute("aria-rowcount"), String(sessions + 1));
    const shown = await indexes();
    assert.equal(shown[0], 2);
    assert.ok(shown.length < 100, `${shown.length} rows are in the page`);
  });

  await step("shows the last row at its end, and no hole on the way", async () => {
    const height = await table.evaluate((box) => box.scrollHeight);
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await table.evaluate((box, part) => box.scrollTo(0, box.scrollHeight * part), part);
      await page.waitForFunction(() => {
        const box = document.querySelector('[aria-label="Sessions"][role="region"]');
        const middle = box.getBoundingClientRect();
        return document.elementFromPoint(middle.left + 40, middle.top + middle.height / 2)?.closest("tr[aria-rowindex]");
      });
      const { from, to } = await inView();
      assert.ok(from <= 1, `a hole of ${from} pixels above at ${part}`);
      assert.ok(to <= 1, `a hole of ${to} pixels below at ${part}`);
    }
    assert.equal((await indexes()).at(-1), sessions + 1);
    assert.ok((await rows.count()) < 100);
    assert.equal(await table.evaluate((box) => box.scrollHeight), height, "the room for rows changed");
  });

  await step("a filter that leaves few rows shows them, wherever one was", async () => {
    await page.getByLabel("Find a session").fill("service-599");
    await page.getByTestId("sessions").getByText("3 of 3 have their rules (of 900 sessions)").waitFor();
    assert.deepEqual(await indexes(), [2, 3, 4]);
    await page.getByLabel("Find a session").fill("");
    await page.getByTestId("sessions").getByText(`${sessions} of ${sessions}`).waitFor();
    assert.ok((await rows.count()) > 3);
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});
