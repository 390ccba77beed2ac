// What journeys measure depends on the machine and on what else it does. This tells by how much.
import { newContext } from "./stage.mjs";

// What the work below takes on a machine of two processors that is free: a bit more than its frames.
const usual = 450;

/** By how much this machine is slower at drawing at the moment than a usual one that is free; 1 when it is not. */
export async function slowness(browser) {
  const context = await newContext(browser);
  const page = await context.newPage();
  const took = await page.evaluate(draw);
  await context.close();
  return Math.max(1, took / usual);
}

/** Draws rows of text, all of them anew in each frame. */
async function draw() {
  const began = performance.now();
  for (let frame = 0; frame < 24; frame++) {
    const rows = Array.from({ length: 400 }, (_, n) => {
      const row = document.createElement("p");
      row.textContent = JSON.stringify({ frame, n, text: "x".repeat(n % 60) });
      return row;
    });
    document.body.replaceChildren(...rows);
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - began;
}
