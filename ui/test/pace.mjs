// How smoothly a large map moves: the Console's production code over the fake server, 300 services of 4 operations with
// messages in all of them, moved by the wheel in a real browser. Its frames are compared with those of an empty map in the
// same run, because machines without a graphics card draw slowly whatever the page does; what the page itself needs for a
// frame is measured apart from drawing.
//
//   node --test test/pace.mjs
//   CHROMIUM  the browser (default /usr/bin/chromium)
//   FRAMES    how many frames a turn has (default 60)
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { serveFake } from "./fake/serve.mjs";
import { patience } from "./patience.mjs";
import { slowness } from "./yardstick.mjs";

const { CHROMIUM = "/usr/bin/chromium", FRAMES = "60" } = process.env;
const frames = Number(FRAMES);
const services = 300;
// What disturbs a turn makes it slower, never faster.
const turns = 3;
// Of the 16.7 ms that a frame has at 60 a second. Cards that come into view cost most.
const mostWork = 12;

let fake;
let browser;

before(async () => {
  fake = await serveFake();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--headless=new", "--no-sandbox", "--disable-gpu"], timeout: 2 * patience });
});

after(async () => {
  await browser?.close();
  await fake?.close();
});

async function open(query) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(fake.url(query));
  await page.getByTestId("map").locator(".react-flow__node").first().waitFor({ timeout: patience });
  // A change of zoom, fonts and first rates have settled.
  await page.waitForTimeout(1_500);
  return page;
}

const pane = (page) => page.locator(".react-flow__pane");

/** Zooms by the wheel until the map has about this zoom. */
async function zoomTo(page, wanted) {
  await pane(page).evaluate(async (element, wanted) => {
    const viewport = document.querySelector(".react-flow__viewport");
    const zoom = () => new DOMMatrix(getComputedStyle(viewport).transform).a;
    const { width, height } = element.getBoundingClientRect();
    for (let left = 150; left > 0 && Math.abs(Math.log(zoom() / wanted)) > 0.12; left--) {
      const deltaY = 24 * Math.sign(zoom() - wanted);
      element.dispatchEvent(new WheelEvent("wheel", { deltaY, ctrlKey: true, clientX: 88 + width / 3, clientY: 100 + height / 3, bubbles: true, cancelable: true }));
      await new Promise(requestAnimationFrame);
    }
  }, wanted);
  await page.waitForTimeout(1_000);
}

/** Pans there and back, one step in each frame; gives the frame times and what the page's own work took per frame. */
async function pan(page) {
  const tries = [];
  for (let turn = 0; turn < turns; turn++) tries.push(await panOnce(page));
  return tries.sort((a, b) => a.work - b.work)[0];
}

async function panOnce(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (name) => metrics.find((metric) => metric.name === name).value * 1_000;
    return { work: of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration"), task: of("TaskDuration") };
  };
  const before = await spent();
  const times = await pane(page).evaluate(async (element, frames) => {
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < frames; frame++) {
      const back = frame % 30 >= 15 ? -1 : 1;
      element.dispatchEvent(new WheelEvent("wheel", { deltaX: 28 * back, deltaY: 20 * back, bubbles: true, cancelable: true }));
      const now = await new Promise(requestAnimationFrame);
      times.push(now - last);
      last = now;
    }
    return times;
  }, frames);
  const after = await spent();
  const [work, task] = [(after.work - before.work) / frames, (after.task - before.task) / frames];
  const sorted = times.sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  const nodes = await page.locator(".react-flow__node").count();
  return { median: at(0.5), p95: at(0.95), work, task, nodes };
}

function tell(what, { median, p95, work, task, nodes }) {
  const ms = (value) => value.toFixed(1).padStart(6);
  console.log(`${what.padEnd(34)} frames ${ms(median)} ms median, ${ms(p95)} ms p95; main thread ${ms(task)} ms a frame, ${ms(work)} of it own work; ${nodes} cards`);
}

test("a map of 1,200 operations moves smoothly", { timeout: 600_000 }, async (t) => {
  const empty = await open("services=1");
  tell("1 service", await pan(empty));
  await empty.close();

  const page = await open(`services=${services}&flow`);
  for (const [name, zoom] of [
    ["near (zoom 0.8)", 0.8],
    ["last cards (zoom 0.6)", 0.6],
    ["drawn (zoom 0.4)", 0.4],
    ["everything (zoom 0.1)", 0.1],
  ]) {
    await zoomTo(page, zoom);
    const before = await slowness(browser);
    const figures = await pan(page);
    const slower = Math.max(before, await slowness(browser));
    tell(`${services} services, ${name}`, figures);
    await t.test(name, () => assert.ok(figures.work < mostWork * slower, `the page needs ${figures.work.toFixed(1)} ms for a frame, on a machine that is slower by ${slower.toFixed(1)}`));
  }
  await page.close();
});
