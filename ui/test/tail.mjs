// Tails: what people do with the messages of an operation.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { BinaryWriter } from "@bufbuild/protobuf/wire";

import { drawn, eventually, until } from "./patience.mjs";
import { enter, inspect, steps } from "./stage.mjs";
import { slowness } from "./yardstick.mjs";

const { BASE_URL } = process.env;
const key = "signup:operation_type_producer:user-signed-up:kafka";

test("tail", async (t) => {
  const { browser, page, complaints } = await enter();
  t.after(() => browser.close());
  const step = steps(t, { page, complaints });
  const button = (name) => page.getByRole("button", { name, exact: true });
  const list = page.getByRole("list", { name: "Messages" });
  const rows = list.locator("[data-number]");
  const message = (number) => list.locator(`[data-number="${number}"]`);
  const filter = page.getByLabel("Filter messages");
  const notice = (text) => page.getByRole("status").getByText(text);
  /** A number of the strip above the messages. */
  const counted = async (name) => {
    const text = await page.getByText(new RegExp(`^[\\d,.]+\\s*${name}$`)).innerText();
    return Number(/^[\d,.]+/.exec(text)[0].replaceAll(",", ""));
  };
  /** The number of the message that has the focus. */
  const focused = () => page.evaluate(() => Number(document.activeElement?.dataset.number));
  /** How many messages a filter leaves, once nothing else is shown; what is typed takes effect a moment later. */
  const matching = async (wanted) => {
    await eventually("only matches", async () => {
      const texts = await rows.allInnerTexts();
      return texts.length > 0 && texts.every((text) => wanted.test(text));
    });
    return counted(" of [\\d,]+ match");
  };

  await step("an operation is chosen by keyboard", async () => {
    await page.getByRole("link", { name: "Tail", exact: true }).click();
    await page.getByRole("combobox").waitFor();
    await inspect(page, "tail-choose");
    await page.getByRole("combobox").fill("signed signup");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "user-signed-up", exact: true }).waitFor();
    await page.waitForURL(({ pathname }) => pathname === `/tail/${key}`);
    await inspect(page, "tail-off");
  });

  await step("messages appear as they are processed", async () => {
    await button("Start").click();
    await rows.nth(5).waitFor();
    await notice("Running").waitFor();
    await rows.filter({ hasText: "~ user.email" }).first().waitFor();
    await eventually("a rate", async () => (await counted("/s")) > 0);
    await inspect(page, "tail-on");
  });

  await step("a pause stops the flow and says what it costs", async () => {
    // So that the first row and the last are not in view together later.
    await eventually("more than fits", () => list.evaluate(({ parentElement: box }) => box.scrollHeight - box.clientHeight > 200));
    await button("Pause").click();
    await page.getByText(/^Paused: the server leaves messages out/).waitFor();
    await drawn(page);
    const arrived = await counted(" arrived");
    await eventually("messages that were left out", async () => (await counted(" paused")) > 0);
    assert.equal(await counted(" arrived"), arrived);
    await inspect(page, "tail-paused");
  });

  await step("arrow keys move, Enter shows what changed", async () => {
    await rows.last().focus();
    const last = await focused();
    assert.ok(last > 2, `${last}`);
    for (const up of [1, 2]) {
      await page.keyboard.press("ArrowUp");
      await until(last - up, focused);
    }
    await page.keyboard.press("Enter");
    const diff = page.getByRole("region", { name: "Before and after" });
    await diff.waitFor();
    await diff.locator("[data-kind=del] mark").filter({ hasText: "@" }).first().waitFor();
    await diff.locator("[data-kind=add] mark").filter({ hasText: /\*{3}/ }).first().waitFor();
    await inspect(page, "tail-open");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await button("Copy after").click();
    let text;
    await eventually("a copy", async () => (text = await page.evaluate(() => navigator.clipboard.readText())) !== "");
    const copied = JSON.parse(text);
    assert.equal(copied.event, "user.signed_up");
    assert.match(copied.user.email, /\*/);
    await message(last - 2).focus();
    await page.keyboard.press("Enter");
    await diff.waitFor({ state: "detached" });
    await page.keyboard.press("Home");
    await until(1, focused);
  });

  await step("messages come again after the pause, with a note", async () => {
    // At the end, where the note will be seen before it is pushed out of view.
    await button("Newest").click();
    await button("Newest").waitFor({ state: "detached" });
    const note = list.getByText(/^\S+ Paused for \d+ s\. The messages of that time were left out\.$/);
    await Promise.all([note.waitFor(), button("Resume").click()]);
    await eventually("new messages", async () => /user.signed_up/.test(await list.getByRole("listitem").last().innerText()));
  });

  await step("somebody who reads further up is not disturbed", async () => {
    await eventually("enough to scroll", () => list.evaluate(({ parentElement: box }) => box.scrollHeight - box.clientHeight > 600));
    await list.evaluate((element) => element.parentElement.scrollBy(0, -400));
    await button("Newest").waitFor();
    await drawn(page);
    const first = await inView(page);
    const arrived = await counted(" arrived");
    await eventually("more messages", async () => (await counted(" arrived")) > arrived + 4);
    await drawn(page);
    assert.equal(await inView(page), first);
    await button("Newest").click();
    await button("Newest").waitFor({ state: "detached" });
  });

  await step("a filter finds messages by what is in them, and explains itself", async () => {
    await filter.fill("user.email ~ @example && plan = free");
    assert.ok((await matching(/"plan":"free"/)) > 0);
    await inspect(page, "tail-filter");
    await filter.fill("user.email =");
    await page.getByRole("alert").getByText(/^Say with what user.email is compared/).waitFor();
    await inspect(page, "tail-filter-wrong");
    await filter.fill(".user.nothing");
    await page.getByRole("heading", { name: "No message matches" }).waitFor();
    await filter.fill("");
    await rows.first().waitFor();
    assert.ok(!page.url().includes("email"), page.url());
  });

  await step("what is shown is downloaded", async () => {
    await button("Pause").click();
    await page.getByText(/^Paused: /).waitFor();
    await filter.fill("referrer");
    const matches = await matching(/"referrer"/);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /^Download/ }).click()]);
    assert.match(download.suggestedFilename(), /^tail-signup-user-signed-up-[\d-]+\.ndjson$/);
    const lines = readFileSync(await download.path(), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, matches);
    for (const { time, session, service, direction, operation, component, before, after } of lines) {
      assert.deepEqual({ service, direction, operation, component }, { service: "signup", direction: "producer", operation: "user-signed-up", component: "kafka" });
      assert.ok(session && !Number.isNaN(Date.parse(time)));
      assert.match(before.referrer, /@/);
      assert.match(after.referrer, /\*/);
    }
    await filter.fill("");
    await button("Resume").click();
  });

  await step("one session only", async () => {
    const select = page.getByLabel("Session", { exact: true });
    const session = await select.locator("option").nth(1).getAttribute("value");
    await select.selectOption(session);
    await page.waitForURL(({ href }) => href.includes(`session=${session}`));
    await button("Clear").click();
    // What was shown goes with the browser's next frame.
    const others = async () => (await rows.allInnerTexts()).filter((text) => !text.includes(session.slice(0, 8)));
    await eventually("the end of what was shown", async () => (await rows.count()) > 3 && (await others()).length === 0);
    const arrived = await counted(" arrived");
    await eventually("more of the session", async () => {
      assert.deepEqual(await others(), []);
      return (await counted(" arrived")) > arrived + 4;
    });
    await select.selectOption("");
  });

  await step("fewer messages", async () => {
    await page.getByLabel("Messages", { exact: true }).and(page.locator("input")).fill("1");
    await page.getByLabel("Seconds", { exact: true }).fill("3");
    await page.waitForURL(/rate=1&per=3/);
    await eventually("what was sampled out", async () => (await counted(" sampled out")) > 0);
    await page.getByLabel("Seconds", { exact: true }).fill("never");
    await eventually("a wrong number", async () => (await page.getByLabel("Seconds", { exact: true }).getAttribute("aria-invalid")) === "true");
    await page.reload();
    await until("3", () => page.getByLabel("Seconds", { exact: true }).inputValue());
    await button("Start").waitFor();
  });

  await step("a tail ends when its page is left", async () => {
    await button("Start").click();
    await rows.first().waitFor();
    await until(1, viewers);
    await page.getByRole("link", { name: "On the map" }).click();
    await until(0, viewers);
  });

  await step("the panel beside the map has it too", async () => {
    await page.getByTestId("inspector").getByRole("tab", { name: "Tail" }).click();
    await button("Start").click();
    await rows.nth(3).waitFor();
    await inspect(page, "tail-panel");
    await page.getByRole("link", { name: "On the whole page" }).click();
    await page.getByRole("heading", { name: "user-signed-up", exact: true }).waitFor();
  });

  await step("10,000 messages scroll smoothly, and large and strange ones can be looked at", async () => {
    let answers = 0;
    // One stream is answered, and the next one never.
    await page.route("**/protos.External/Tail", (route) => {
      if (answers++ === 0) return route.fulfill({ status: 200, contentType: "application/grpc-web+proto", body: manyMessages() });
    });
    await button("Start").click();
    await eventually("all messages", async () => (await counted(" arrived")) >= 10_000);
    await button("Stop").click();
    const calm = await slowness(browser);
    const { frames, most } = await page.evaluate(scrollThrough);
    const slower = Math.max(calm, await slowness(browser));
    frames.sort((a, b) => a - b);
    const at = (share) => frames[Math.floor((frames.length - 1) * share)].toFixed(1);
    t.diagnostic(`scrolling through 10,000 messages: median frame ${at(0.5)} ms, 95 % within ${at(0.95)} ms, longest ${at(1)} ms, at most ${most} rows exist; the machine is slower by ${slower.toFixed(1)}`);
    assert.ok(most < 150, `${most} rows`);
    // Sixteen on a machine that has nothing else to do.
    assert.ok(at(0.5) < 100 * slower, `${at(0.5)} ms, on a machine that is slower by ${slower}`);
    await until("10000", () => rows.last().getAttribute("data-number"));
    const from = performance.now();
    await message(10_000).click();
    const before = page.getByRole("figure", { name: "Before" });
    await before.getByRole("button", { name: /^Show all/ }).waitFor();
    t.diagnostic(`a message of 1 MiB opened after ${Math.round(performance.now() - from)} ms`);
    await page.getByText(/^The data before is longer than the server shows: the first 1\.0 MiB of 2\.9 MiB\.$/).waitFor();
    await before.getByRole("button", { name: /^Show all/ }).click();
    await eventually("all of it", async () => (await before.locator("pre").count()) > 40);
    await inspect(page, "tail-large");
    await message(10_000).click();
    await before.waitFor({ state: "detached" });
    await message(9_999).click();
    await page.getByRole("figure", { name: "Data" }).getByText(/^000000 {2}08 96 01 00/).waitFor();
    await inspect(page, "tail-binary");
  });

  await step("nothing of it is left in the browser", async () => {
    const kept = await page.evaluate(async () => ({
      local: Object.entries(localStorage),
      session: Object.entries(sessionStorage),
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      state: JSON.stringify(history.state),
      cookies: document.cookie,
    }));
    // The theme and places on the map are.
    assert.deepEqual(kept.local.filter(([name, value]) => !/^streamdal-/.test(name) || /@|okafor|autumn/i.test(value)), []);
    assert.deepEqual({ ...kept, local: [] }, { local: [], session: [], databases: 0, caches: 0, state: "null", cookies: "" });
  });

  await step("addresses of the original work, and wrong ones are explained", async () => {
    await page.goto(`${BASE_URL}/tail/${encodeURIComponent(key.replace("operation_type_producer", "OPERATION_TYPE_PRODUCER"))}`);
    await page.getByRole("heading", { name: "user-signed-up", exact: true }).waitFor();
    await page.goto(`${BASE_URL}/tail/no-such-thing`);
    await page.getByRole("heading", { name: "This operation does not exist" }).waitFor();
    await inspect(page, "tail-unknown");
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});

/** How many tails the server shows. */
async function viewers() {
  const text = await (await fetch(`${BASE_URL}/metrics`)).text();
  return Number(/^streamdal_tail_viewers (\d+)$/m.exec(text)?.[1]);
}

/** The number of the first message in view. */
function inView(page) {
  return page.evaluate(() => {
    const list = document.querySelector("[role=list][aria-label=Messages]");
    const top = list.parentElement.getBoundingClientRect().top;
    const visible = [...list.querySelectorAll("[data-number]")].filter((row) => row.getBoundingClientRect().bottom > top);
    return Math.min(...visible.map((row) => Number(row.dataset.number)));
  });
}

/** Scrolls as fast as a wheel does that is turned hard; gives the frames' times and how many rows existed at once. */
async function scrollThrough() {
  const list = document.querySelector("[role=list][aria-label=Messages]");
  const box = list.parentElement;
  const frames = [];
  let most = 0;
  let last = performance.now();
  for (let n = 0; n < 400; n++) {
    box.scrollBy(0, -150);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    frames.push(performance.now() - last);
    last = performance.now();
    most = Math.max(most, list.children.length);
  }
  box.scrollTo(0, box.scrollHeight);
  return { frames, most };
}

/** A tail's answer over grpc-web: many usual messages, one that is not text, and one that is as large as may be. */
function manyMessages() {
  const frames = [];
  const encoder = new TextEncoder();
  const add = (before, after, metadata = {}) => {
    const writer = new BinaryWriter().tag(1, 0).int32(1).tag(5, 2).string(`session-${frames.length % 4}`);
    writer.tag(6, 0).int64(BigInt(Date.now()) * 1_000_000n).tag(7, 2).bytes(before).tag(8, 2).bytes(after);
    for (const [name, value] of Object.entries(metadata)) {
      writer.tag(1000, 2).fork().tag(1, 2).string(name).tag(2, 2).string(value).join();
    }
    frames.push(frame(0, writer.finish()));
  };
  for (let n = 0; n < 9_998; n++) {
    const event = (email) => encoder.encode(JSON.stringify({ event: "user.signed_up", number: n, user: { id: n, name: "Ann Okafor", email }, source: { campaign: "autumn", ip: "192.0.2.7" } }));
    add(event("ann.okafor@example.com"), event("ann.******************"));
  }
  const binary = new Uint8Array(5_000);
  binary.set([0x08, 0x96, 0x01, 0x00]);
  add(binary, binary);
  const large = (letter) => {
    const lines = Array.from({ length: 20_000 }, (_, n) => ({ n, text: letter.repeat(40) }));
    return encoder.encode(JSON.stringify({ lines })).slice(0, 1 << 20);
  };
  add(large("a"), large("b"), { original_data_bytes: String(3_000_000) });
  frames.push(frame(0x80, encoder.encode("grpc-status: 14\r\ngrpc-message: server shutting down\r\n")));
  return Buffer.concat(frames);
}

function frame(flags, message) {
  const bytes = Buffer.alloc(5 + message.length);
  bytes[0] = flags;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}
