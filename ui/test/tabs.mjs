// Many tabs of one browser, each with a tail, over HTTP/1.1: six connections carry them all.
import assert from "node:assert/strict";
import { test } from "node:test";

import { BinaryWriter } from "@bufbuild/protobuf/wire";

import { getAll } from "./get-all.mjs";
import { eventually, patience, until } from "./patience.mjs";
import { enter, steps } from "./stage.mjs";

const { BASE_URL } = process.env;
const key = "signup:operation_type_producer:user-signed-up:kafka";

test("tabs", async (t) => {
  const { browser, page, complaints, excuse } = await enter();
  t.after(() => browser.close());
  const step = steps(t, { page, complaints });
  const tabs = [page];
  const asked = [];
  const note = (tab) => tab.on("request", (request) => asked.push(new URL(request.url()).pathname));
  note(page);
  const control = await browser.newBrowserCDPSession();

  /** A tab at the map, with a tail that runs. */
  const openTail = async (tab) => {
    await tab.goto(`${BASE_URL}/?op=${key}&tab=tail`);
    await tab.getByRole("button", { name: "Start" }).click();
    await rows(tab).first().waitFor();
  };
  const newTab = async () => {
    const tab = await page.context().newPage();
    note(tab);
    tabs.push(tab);
    return tab;
  };
  const rows = (tab) => tab.getByRole("list", { name: "Messages" }).locator("[data-number]");
  const newest = async (tab) => Number(await rows(tab).last().getAttribute("data-number"));
  const chip = (tab, paused) => tab.getByRole("button", { name: /^producer user-signed-up of signup/ }).locator(`[data-paused="${paused}"]`);

  /** Pauses or resumes in one tab; gives how long it took until all showed it. */
  const edit = async (tab, paused) => {
    const id = (await within(getAll(tab))).get(key)[0].id;
    const from = performance.now();
    await within(changeAssignment(tab, id, paused));
    await Promise.all(tabs.map((each) => chip(each, paused).first().waitFor({ state: "attached" })));
    return Math.round(performance.now() - from);
  };

  await step("three tabs, each with a tail, come from one connection and three", async () => {
    await openTail(page);
    await openTail(await newTab());
    await openTail(await newTab());
    await until(3, tailViewers);
    const { targetInfos } = await control.send("Target.getTargets");
    assert.equal(targetInfos.filter(({ type }) => type === "shared_worker").length, 1);
    assert.deepEqual(asked.filter((path) => path.endsWith("/Watch")), []);
    for (const tab of tabs) assert.equal(await tab.evaluate(() => document.visibilityState), "visible");
  });

  await step("an edit in any of them is seen in all", async () => {
    for (const [n, tab] of tabs.entries()) {
      t.diagnostic(`an edit in tab ${n + 1} of ${tabs.length} was seen in all after ${await edit(tab, n % 2 === 0)} ms`);
    }
  });

  await step("pages open in each of them, and the other tails go on", async () => {
    for (const tab of tabs) {
      const from = performance.now();
      await tab.getByRole("link", { name: "KV", exact: true }).click();
      await tab.getByRole("heading", { name: "No key-value objects yet" }).waitFor();
      t.diagnostic(`a page that asks the server opened after ${Math.round(performance.now() - from)} ms`);
      await openTail(tab);
    }
    for (const tab of tabs) {
      const last = await newest(tab);
      await eventually("another message", async () => (await newest(tab)) > last);
    }
  });

  await step("with seven tabs the newest three tails run, and the others say why they do not", async () => {
    for (let n = 0; n < 4; n++) await openTail(await newTab());
    for (const tab of tabs.slice(0, 4)) await tab.getByText(/Other tabs of this browser tail too/).waitFor();
    for (const tab of tabs.slice(4)) await tab.getByRole("button", { name: "Stop" }).waitFor();
    await until(3, tailViewers);
    t.diagnostic(`an edit in the oldest of seven tabs was seen in all after ${await edit(page, true)} ms`);
    t.diagnostic(`an edit in the newest of seven tabs was seen in all after ${await edit(tabs.at(-1), false)} ms`);
    const from = performance.now();
    await page.reload();
    await chip(page, false).first().waitFor({ state: "attached" });
    t.diagnostic(`the map was there again after ${Math.round(performance.now() - from)} ms`);
  });

  await step("a tab that was stopped goes on when asked, and closed tabs leave room", async () => {
    await page.getByRole("button", { name: "Start" }).click();
    await rows(page).first().waitFor();
    await tabs[4].getByText(/Other tabs of this browser tail too/).waitFor();
    for (const tab of tabs.splice(1)) await tab.close();
    await until(1, tailViewers);
    await edit(page, true);
  });

  await step("logging out ends the tail, and what other tabs show", async () => {
    // The browser itself reports what the server refuses after the log-out.
    excuse(/status of 401/);
    await openTail(await newTab());
    await page.getByRole("button", { name: "Log out" }).click();
    for (const tab of tabs) await tab.getByLabel("Token").waitFor();
    await until(0, tailViewers);
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});

/** How many tails the server shows. */
async function tailViewers() {
  const text = await (await fetch(`${BASE_URL}/metrics`)).text();
  return Number(/^streamdal_tail_viewers (\d+)$/m.exec(text)?.[1]);
}

/** Fails what waits for a connection that never comes. */
async function within(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Console.ChangeAssignment over grpc-web, by the page. */
async function changeAssignment(page, pipeline, paused) {
  const message = new BinaryWriter().tag(1, 2).string(key).tag(2, 2).string(pipeline).tag(6, 0).bool(paused).finish();
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  const status = await page.evaluate(async (body) => {
    const headers = { "Content-Type": "application/grpc-web+proto", "X-Grpc-Web": "1" };
    const response = await fetch("/streamdal.console.v1.Console/ChangeAssignment", { method: "POST", headers, body: new Uint8Array(body) });
    return `${response.status} ${response.headers.get("grpc-status") ?? 0}`;
  }, [...frame]);
  assert.equal(status, "200 0");
}
