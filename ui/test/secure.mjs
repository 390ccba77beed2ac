// The Console by TLS (see stage.mjs).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { enter, steps } from "./stage.mjs";

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("the Console by TLS", async (t) => {
  const { page, complaints } = stage;
  const step = steps(t, stage);
  const live = () => page.getByTestId("connection").getByText("Live").waitFor();
  const names = async () => (await page.context().cookies()).map(({ name, secure, httpOnly }) => `${name} ${secure} ${httpOnly}`).sort();

  await step("the session is for TLS only", async () => {
    assert.deepEqual(await names(), ["__Host-streamdal_session true true"]);
    await page.reload();
    await live();
  });

  await step("everything comes over one connection of HTTP/2", async () => {
    const kinds = await page.evaluate(() => performance.getEntriesByType("resource").map(({ nextHopProtocol }) => nextHopProtocol));
    assert.ok(kinds.length > 0 && kinds.every((kind) => kind === "h2"), kinds.join());
  });

  await step("the browser had nothing to complain about", async () => {
    assert.deepEqual(complaints, []);
  });
});
