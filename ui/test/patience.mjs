// How journeys wait: for what they mean to see, never for a time. A machine that does much else may take long for anything.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

/** Milliseconds for what takes no more than one or two on a machine that is free: only a failure waits as long. */
export const patience = 60_000;

/** Polls until the check holds. */
export async function eventually(what, check) {
  for (const deadline = Date.now() + patience; !(await check()); await setTimeout(50)) {
    assert.ok(Date.now() < deadline, `there was never ${what}`);
  }
}

/** Polls until get gives what is wanted. */
export async function until(wanted, get) {
  let got;
  const deadline = Date.now() + patience;
  do {
    got = await get();
    if (isDeepStrictEqual(got, wanted)) return;
    await setTimeout(50);
  } while (Date.now() < deadline);
  assert.deepEqual(got, wanted);
}

/** Lets the page draw what has happened so far. */
export function drawn(page) {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  });
}

/** Lets timers of the page run that are due by now. */
export function turn(page, milliseconds = 0) {
  return page.evaluate((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)), milliseconds);
}

/** The box of something once it stands still. */
export async function atRest(locator) {
  let box;
  let same = 0;
  await eventually("rest", async () => {
    await drawn(locator.page());
    const next = await locator.boundingBox();
    same = next !== null && isDeepStrictEqual(next, box) ? same + 1 : 0;
    box = next;
    return same === 4;
  });
  return box;
}

/** Waits until a drag is over for clicks too: for 50 ms they still belong to it. */
export function dragOver(page) {
  return turn(page, 50);
}

/** Begins to keep what regions of status say, from toasts to what screen readers hear: it may be gone before anybody looks. */
export function listen() {
  globalThis.said = [];
  const say = (status, text) => status.checkVisibility() && globalThis.said.push(text);
  const observer = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const status = (target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement)?.closest("[role=status]");
      const added = [...addedNodes].filter(({ nodeType }) => nodeType === Node.ELEMENT_NODE);
      if (!status) added.flatMap((one) => [one, ...one.querySelectorAll("*")]).forEach((one) => one.matches("[role=status]") && say(one, one.textContent));
      else if (added.length > 0) added.forEach((one) => say(status, one.textContent));
      else if (status.textContent !== "") say(status, status.textContent);
    }
  });
  observer.observe(document, { subtree: true, childList: true, characterData: true });
}

/** Waits until a region of status has said something, since the last thing that was heard of this page. */
export function heard(page, text) {
  return eventually(`said: ${text}`, () =>
    page.evaluate((text) => {
      const at = globalThis.said.findIndex((one) => (typeof text === "string" ? one.includes(text) : text.test(one)));
      globalThis.said.splice(0, at + 1);
      return at >= 0;
    }, text),
  );
}

/**
 * The button of the next toast with this text that takes something back. The toast gets the focus as soon as it is there,
 * which makes it stay, so that there is time to look at what is to be taken back.
 */
export async function undoOf(page, text) {
  await page.evaluate((text) => {
    const look = () => {
      const toast = [...document.querySelectorAll("[role=status] > *")].findLast((one) => one.textContent.includes(text));
      const button = [...(toast?.querySelectorAll("button") ?? [])].find((one) => one.textContent === "Undo");
      button?.focus();
      if (!button || document.activeElement !== button) requestAnimationFrame(look);
    };
    look();
  }, text);
  return page.getByRole("status").locator(":scope > *", { hasText: text }).getByRole("button", { name: "Undo" }).last();
}
