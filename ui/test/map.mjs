// A person's way through the map, against a running server with live services (see stage.mjs).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { enter, inspect, steps } from "./stage.mjs";

const { BASE_URL } = process.env;

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("the map", async (t) => {
  const { page, complaints } = stage;
  const step = steps(t, stage);
  const button = (name) => page.getByRole("button", { name, exact: true });
  const service = (name) => page.getByRole("button", { name: new RegExp(`^Service ${name}\\b`) });
  const operation = (name) => page.getByRole("button", { name });
  const charge = operation(/^producer charge-card of billing on payments-api:/);
  const inspector = page.getByTestId("inspector");
  const card = async (name) => {
    // The view may still move.
    await page.waitForTimeout(300);
    return service(name).boundingBox();
  };

  /** Drags a service by so many pixels. */
  const drag = async (name, dx, dy) => {
    const { x, y } = await card(name);
    await page.mouse.move(x + 60, y + 10);
    await page.mouse.down();
    // A drag begins after some pixels, and hands do not jump.
    await page.mouse.move(x + 60, y + 15, { steps: 5 });
    await page.mouse.move(x + 60 + dx, y + 10 + dy, { steps: 8 });
    await page.mouse.up();
  };

  await step("links and operations tell what flows, in units", async () => {
    await charge.getByText(/^[\d.]+k? msg\/s$/).waitFor();
    await page.locator(".react-flow__edgelabel-renderer").getByText(/^[\d.]+ k?B\/s$/).first().waitFor();
    await page.locator(".react-flow__edgelabel-renderer").getByText(/^[\d.]+k? msg\/s$/).first().waitFor();
    await page.locator('[data-testid="map"] svg path[d^="M"]').first().waitFor();
  });

  await step("what flows moves, but not for people who want no motion", async () => {
    const drops = page.locator("path[data-pace]").first();
    const animation = () => drops.evaluate((path) => getComputedStyle(path).animationName);
    assert.equal(await animation(), "none");
    await page.emulateMedia({ reducedMotion: "no-preference" });
    assert.match(await animation(), /flow/);
    await page.emulateMedia({ reducedMotion: "reduce" });
  });

  await step("pointing at an operation shows its flow from end to end", async () => {
    await charge.hover();
    const { x, y, width } = await charge.boundingBox();
    await page.mouse.move(x + width / 3, y + 8, { steps: 3 });
    await page.locator('g[data-emphasis="off"]').first().waitFor();
    assert.equal(await page.locator('g[data-emphasis="on"]').count(), 2);
    assert.equal(await page.locator('.react-flow__node [data-emphasis="on"]').count(), 3);
    await page.mouse.move(5, 5);
    await page.locator('g[data-emphasis="off"]').first().waitFor({ state: "detached" });
  });

  await step("arrow keys go along the flow, Enter opens, Esc closes", async () => {
    await service("billing").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    const focused = () => page.evaluate(() => document.activeElement.dataset.stop ?? "");
    assert.match(await focused(), /^billing:|^orders:/);
    await charge.focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await focused(), /^component\/payments-api/);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await inspector.getByRole("heading", { name: "charge-card", exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await inspector.waitFor({ state: "detached" });
    await page.keyboard.press("ArrowLeft");
    assert.equal(await focused(), "service/billing");
  });

  await step("a service can be folded to a sum, which is in the address", async () => {
    await button("Operations of billing").click();
    await operation(/^2 operations of billing, folded/).getByText(/msg\/s$/).waitFor();
    await charge.waitFor({ state: "detached" });
    await page.reload();
    await operation(/^2 operations of billing, folded/).waitFor();
    assert.match(page.url(), /but=billing/);
    await button("Show only sums").click();
    await operation(/^1 operation of signup, folded/).waitFor();
    await inspect(page, "map-folded");
    await button("Show all operations").click();
    await charge.waitFor();
    assert.ok(!/but=|folded=/.test(page.url()), page.url());
  });

  await step("what is dragged stays there, and others make room", async () => {
    const before = await card("support");
    const orders = await card("orders");
    await drag("support", 0, orders.y - before.y);
    const there = await card("support");
    assert.ok(Math.abs(there.y - orders.y) < 12, `support is at ${there.y}, not at ${orders.y}`);
    const moved = await card("orders");
    assert.ok(moved.y >= there.y + there.height || moved.y + moved.height <= there.y, "orders and support overlap");
    await page.reload();
    await charge.waitFor();
    assert.ok(Math.abs((await card("support")).y - there.y) < 200);
    const kept = JSON.parse(await page.evaluate(() => localStorage.getItem("streamdal-map")));
    assert.deepEqual(Object.keys(kept.pins), ["service/support"]);
    assert.deepEqual(Object.keys(kept.pins["service/support"]).sort(), ["x", "y"]);
  });

  await step("tidy puts it back, with a way back from that", async () => {
    await button("Tidy: undo what was moved by hand").click();
    await button("Tidy: undo what was moved by hand").waitFor({ state: "detached" });
    await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
    await button("Tidy: undo what was moved by hand").click();
    assert.equal(await page.evaluate(() => localStorage.getItem("streamdal-map")), null);
  });

  await step("Shift and arrow keys move a card, unless the map is locked", async () => {
    const before = await card("support");
    await service("support").focus();
    await page.keyboard.press("Shift+ArrowDown");
    const after = await card("support");
    assert.ok(after.y > before.y + 10, `${after.y} is not below ${before.y}`);
    const pins = () => page.evaluate(() => JSON.stringify(JSON.parse(localStorage.getItem("streamdal-map")).pins));
    const pinned = await pins();
    await button("Lock what is on the map").click();
    // This moves the whole map instead.
    await drag("support", 0, -40);
    await service("support").focus();
    await page.keyboard.press("Shift+ArrowDown");
    assert.equal(await pins(), pinned);
    await button("Lock what is on the map").click();
    await button("Tidy: undo what was moved by hand").click();
  });

  await step("the view comes back", async () => {
    await page.getByTestId("map").hover({ position: { x: 30, y: 60 } });
    await page.mouse.wheel(0, 120);
    await page.waitForFunction(() => localStorage.getItem("streamdal-map")?.includes('"view"'));
    const before = await card("billing");
    await page.reload();
    await charge.waitFor();
    const after = await card("billing");
    assert.ok(Math.abs(after.y - before.y) < 2, `${after.y} is not ${before.y}`);
    await button("Show everything").click();
  });

  await step("the filter is the same for the graph and the table", async () => {
    await page.getByLabel("Component", { exact: true }).selectOption("kafka");
    await page.getByText(/^3 of 5 operations$/).waitFor();
    await button("Only matches").click();
    await service("support").waitFor({ state: "detached" });
    await button("List").click();
    const rows = page.getByRole("table", { name: "Operations" }).locator("tbody").getByRole("row");
    await rows.nth(2).waitFor();
    assert.equal(await rows.count(), 3);
    await page.reload();
    await rows.nth(2).waitFor();
    await page.getByLabel("Language", { exact: true }).selectOption("Go");
    await page.getByText(/^2 of 5 operations$/).waitFor();
    await page.goto(`${BASE_URL}/?view=list`);
    await rows.nth(4).waitFor();
  });

  await step("the table sorts by what is pressed, and says so", async () => {
    const head = (name) => page.getByRole("columnheader", { name });
    await head("Messages").getByRole("button").click();
    assert.equal(await head("Messages").getAttribute("aria-sort"), "descending");
    await page.getByRole("row").nth(1).getByText("user-signed-up").waitFor();
    await page.reload();
    await page.getByRole("row").nth(1).getByText("user-signed-up").waitFor();
    await head("Messages").getByRole("button").click();
    assert.equal(await head("Messages").getAttribute("aria-sort"), "ascending");
    await page.getByRole("row").nth(5).getByText("user-signed-up").waitFor();
    await inspect(page, "map-list");
    await page.getByRole("row").nth(5).getByRole("button", { name: "user-signed-up" }).click();
    await inspector.getByRole("heading", { name: "user-signed-up" }).waitFor();
  });

  await step("nothing moves by itself while rates change", async () => {
    await page.goto(`${BASE_URL}/`);
    await charge.getByText(/msg\/s$/).waitFor();
    const shifts = await page.evaluate(async () => {
      const found = [];
      const observer = new PerformanceObserver((list) => found.push(...list.getEntries()));
      observer.observe({ type: "layout-shift", buffered: true });
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      return found.filter(({ hadRecentInput }) => !hadRecentInput).map(({ value, startTime }) => ({ value, startTime }));
    });
    const sum = shifts.reduce((all, { value }) => all + value, 0);
    t.diagnostic(`layout shift: ${sum.toFixed(4)} in ${shifts.length} shifts`);
    assert.ok(sum < 0.01, JSON.stringify(shifts));
  });

  await step("it can be used at once", async () => {
    const times = [];
    for (let load = 0; load < 7; load++) {
      const began = performance.now();
      await page.goto(`${BASE_URL}/`, { waitUntil: "commit" });
      await charge.click({ trial: true });
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    t.diagnostic(`from navigation to an operation that can be clicked: ${times[3].toFixed(0)} ms (median of 7), ${times[0].toFixed(0)} ms (fastest)`);
    // Other journeys run beside this one; what disturbs a load makes it slower, never faster.
    assert.ok(times[0] < 1_500, `the fastest of 7 loads took ${times[0].toFixed(0)} ms`);
    assert.ok(times[3] < 3_000, `the median of 7 loads is ${times[3].toFixed(0)} ms`);
  });

  await step("everybody can use it", () => inspect(page, "map"));

  await step("without services it says how to connect, in four languages", async () => {
    // The stream's first answer: a picture of nothing. Tabs without a worker ask for it themselves.
    await page.addInitScript(() => delete globalThis.SharedWorker);
    const body = Buffer.from([0, 0, 0, 0, 2, 0x0a, 0]);
    await page.route("**/streamdal.console.v1.Console/Watch", (route) => route.fulfill({ contentType: "application/grpc-web+proto", body }));
    await page.goto(`${BASE_URL}/`);
    await page.getByText(/^No services defined/).waitFor();
    const { host } = new URL(BASE_URL);
    for (const [language, words] of [
      ["Go", `ServerURL:   "${host}"`],
      ["Node", `streamdalUrl: "${host}"`],
      ["Python", `streamdal_url="${host}"`],
      ["Ruby", `streamdal_url: "${host}"`],
    ]) {
      await page.getByRole("tab", { name: language, exact: true }).click();
      await page.getByLabel(`${language} program`).getByText(words).waitFor();
    }
    await inspect(page, "map-empty");
    await page.unroute("**/streamdal.console.v1.Console/Watch");
  });

  await step("nothing complained", async () => assert.deepEqual(complaints, []));
});
