// The Console by TLS (see stage.mjs).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { eventually, until } from "./patience.mjs";
import { enter, live, steps } from "./stage.mjs";

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("the Console by TLS", async (t) => {
  const { page, complaints } = stage;
  const step = steps(t, stage);
  const names = async () => (await page.context().cookies()).map(({ name, secure, httpOnly }) => `${name} ${secure} ${httpOnly}`).sort();

  await step("the session is for TLS only", async () => {
    await until(["__Host-streamdal_session true true"], names);
    await page.reload();
    await live(page);
  });

  await step("everything comes over one connection of HTTP/2", async () => {
    const kinds = () => page.evaluate(() => performance.getEntriesByType("resource").map(({ nextHopProtocol }) => nextHopProtocol));
    await eventually("resources", async () => (await kinds()).length > 0);
    assert.deepEqual([...new Set(await kinds())], ["h2"]);
  });

  await step("the browser had nothing to complain about", async () => {
    assert.deepEqual(complaints, []);
  });
});
