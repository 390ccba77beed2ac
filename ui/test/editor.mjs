// A person's way through the editor of pipelines, against a running server (see stage.mjs).
//
//   TOKEN  the server's token, to log in again
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { cable } from "./cable.mjs";
import { atRest, dragOver, eventually, heard, turn, until } from "./patience.mjs";
import { enter, inspect, steps } from "./stage.mjs";
import { update } from "./update.mjs";

const { BASE_URL, LOGIN_URL, TOKEN } = process.env;

let stage;
let line;
before(async () => {
  assert.ok(BASE_URL && LOGIN_URL && TOKEN, "BASE_URL, LOGIN_URL and TOKEN must be set");
  line = await cable(BASE_URL);
  stage = await enter(line.over(LOGIN_URL));
});
after(async () => {
  await stage?.browser.close();
  line?.close();
});

test("the editor of pipelines", async (t) => {
  const { page, complaints, excuse } = stage;
  const step = steps(t, stage);
  const nav = (name) => page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true });
  const button = (name) => page.getByRole("button", { name, exact: true });
  const list = () => page.getByRole("list", { name: "Steps" });
  const row = (place) => list().getByRole("listitem").nth(place - 1);
  const texts = async () => (await list().getByRole("link").allInnerTexts()).map((text) => text.split("\n").slice(1, 2).join());
  const form = (place) => page.getByRole("region", { name: `Step ${place}`, exact: true });
  const field = (name) => page.getByLabel(name, { exact: true });
  const json = () => page.getByLabel("Pipeline as JSON");
  const state = (text) => page.getByRole("region", { name: "Saving" }).getByText(text, { exact: true }).waitFor();
  /** Chooses what a step does, by keyboard, in the dialog that is open. */
  const pick = async (words, name) => {
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("combobox").fill(words);
    await dialog.getByRole("option", { name }).waitFor();
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
  };
  /** Checks what is drawn as something else than a radio button, as people do without a mouse. */
  const choose = async (radio) => {
    await radio.press("Space");
    await until(true, () => radio.isChecked());
  };
  const value = (wanted, at) => until(wanted, () => at.inputValue());
  /** The id of the pipeline in the address. */
  const idInAddress = async () => {
    await page.waitForURL(({ pathname }) => pathname.startsWith("/pipelines/"));
    return decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
  };
  let id;

  await step("a notification to choose later", async () => {
    await nav("Notifications").click();
    await button("New").click();
    await field("Name").fill("on call");
    await field("Channel").fill("#alerts");
    await field("Bot token").fill("xoxb-secret");
    await button("Create notification").click();
    await page.getByRole("heading", { name: "on call" }).waitFor();
  });

  await step("a pipeline is begun from one step and gets a name", async () => {
    await nav("Pipelines").click();
    await button("New").click();
    await button("One step").click();
    await list().getByRole("link").first().waitFor();
    await page.getByRole("link", { name: "Name and payloads" }).click();
    await field("Name").fill("");
    await page.getByText("The pipeline needs a name.").waitFor();
    await button("Create pipeline").click();
    await field("Name").fill("journey");
    await page.getByLabel("Description").fill("Made by forms only");
    await inspect(page, "editor-about");
  });

  await step("the step becomes another kind; what it needs is said at once", async () => {
    await row(1).getByRole("link").click();
    await button("Change…").click();
    await pick("any of some texts", /Contains any/);
    await page.getByText("Add at least one text.").first().waitFor();
    await button("Add text").click();
    await field("text 1").fill("urgent");
    await button("Add text").click();
    await field("text 2").fill("asap");
    await field("Where").fill("subject");
    await page.keyboard.press("Escape");
    await page.getByText("Add at least one text.").waitFor({ state: "detached" });
  });

  await step("steps of several kinds are added", async () => {
    await button("Add step").click();
    await inspect(page, "editor-kinds");
    await pick("e-mail", /Find e-mail/);
    await button("Add step").click();
    await pick("mask", /^Mask/);
    // A transform after a detective works on what that found.
    await until(true, () => page.getByLabel(/^Change what the step before found/).isChecked());
    await page.getByLabel("With", { exact: true }).fill("#");
    await button("Add step").click();
    await pick("http_request", /Call a web/);
    await button("Create pipeline").click();
    await page.getByText("Write the address to call.").first().waitFor();
    await field("Address").fill("https://hooks.example/found");
    await button("Add header").click();
    await field("header 1 name").fill("X-From");
    await field("header 1 value").fill("streamdal");
    await page.getByLabel("Text", { exact: true }).fill('{"found":true}');
    await until(["Check subject contains any of urgent, asap", "Detect e-mail addresses", "Mask what was found", "Call https://hooks.example/found"], texts);
  });

  await step("an outcome aborts, notifies and adds metadata", async () => {
    await row(2).getByRole("link").click();
    await page.getByText("When it matches", { exact: true }).click();
    await choose(page.getByRole("radio", { name: "abort all pipelines" }).first());
    await page.getByRole("checkbox", { name: /on call/ }).first().check();
    await choose(page.getByRole("radio", { name: "some paths" }));
    await page.getByText("Say which paths of the payload to send.").first().waitFor();
    await button("Add path").click();
    await field("path 1").fill("customer.id");
    await page.keyboard.press("Escape");
    await button("Add entry").first().click();
    await field("entry 1 name").fill("found");
    await field("entry 1 value").fill("e-mail");
    await row(2).getByText("when it matches: abort all pipelines · notify · 1 metadata entry").waitFor();
    await inspect(page, "editor-step");
  });

  await step("it is created, and the server has what the forms say", async () => {
    await page.keyboard.press("Control+s");
    await state("Saved");
    id = await idInAddress();
    await page.reload();
    await button("JSON").click();
    const { name, Description, steps: saved } = JSON.parse(await json().inputValue());
    assert.deepEqual([name, Description], ["journey", "Made by forms only"]);
    assert.deepEqual(saved[0].detective, { path: "subject", args: ["urgent", "asap"], type: "DETECTIVE_TYPE_STRING_CONTAINS_ANY" });
    const { notification, ...onTrue } = saved[1].onTrue;
    assert.deepEqual(onTrue, { abort: "ABORT_CONDITION_ABORT_ALL", metadata: { found: "e-mail" } });
    assert.equal(notification.notificationConfigIds.length, 1);
    assert.deepEqual([notification.payloadType, notification.paths], ["PAYLOAD_TYPE_SELECT_PATHS", ["customer.id"]]);
    assert.deepEqual(saved[2].transform, { type: "TRANSFORM_TYPE_MASK_VALUE", maskOptions: { mask: "#" } });
    assert.equal(saved[2].dynamic, true);
    const { request } = saved[3].httpRequest;
    assert.deepEqual(request.headers, { "X-From": "streamdal" });
    assert.equal(atob(request.body), '{"found":true}');
    await button("Form").click();
  });

  await step("steps move by drag, by keyboard and by buttons", async () => {
    const [check, detect, mask, call] = await texts();
    await row(4).getByRole("link").click();
    await page.getByRole("button", { name: "Reorder step 4" }).focus();
    const becomes = (place) => heard(page, `It would become step ${place} of 4.`);
    await page.keyboard.press("Space");
    await becomes(4);
    // The next key is listened for from the browser's next turn on.
    await turn(page);
    await page.keyboard.press("ArrowUp");
    await becomes(3);
    await page.keyboard.press("ArrowUp");
    await becomes(2);
    await page.keyboard.press("Space");
    await until([check, call, detect, mask], texts);
    // The chosen step is still the one that moved.
    await form(2).getByText(call).waitFor();
    const grip = await atRest(page.getByRole("button", { name: "Reorder step 2" }));
    const last = await atRest(row(4));
    await page.mouse.move(grip.x + 5, grip.y + 5);
    await page.mouse.down();
    await page.mouse.move(grip.x + 5, grip.y + 25, { steps: 4 });
    await page.mouse.move(grip.x + 5, last.y + last.height - 4, { steps: 8 });
    await becomes(4);
    await page.mouse.up();
    await until([check, detect, mask, call], texts);
    await dragOver(page);
    await button("Move the step up").click();
    await until([check, detect, call, mask], texts);
    await button("Move the step down").click();
    await until([check, detect, mask, call], texts);
    await state("Saved");
  });

  await step("a step is duplicated; deleting one with content asks", async () => {
    await row(4).getByRole("link").click();
    await button("Duplicate the step").click();
    await until(5, () => list().getByRole("listitem").count());
    await button("Delete the step").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete step" }).click();
    await until(4, () => list().getByRole("listitem").count());
    await state("Saved");
  });

  await step("what the server says of a step is shown at the step", async () => {
    await row(1).getByRole("link").click();
    await button("Change…").click();
    await pick("REGEX", /Matches a regular/);
    await field("Pattern").fill("(a");
    await form(1).getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Step 1 has a problem" }).waitFor();
    await inspect(page, "editor-problem");
    await field("Pattern").fill("^a");
    await form(1).getByRole("alert").waitFor({ state: "detached" });
  });

  await step("saving leaves the focus where it is", async () => {
    await button("Add step").click();
    await pick("valid json", /Is valid JSON/);
    await form(5).getByLabel("Name", { exact: true }).fill("is it JSON");
    await page.keyboard.press("Control+s");
    await state("Saved");
    await page.keyboard.type("?");
    await state(/^Unsaved/);
    await value("is it JSON?", form(5).getByLabel("Name", { exact: true }));
    await button("Delete the step").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete step" }).click();
    await until(4, () => list().getByRole("listitem").count());
    await state(/^Unsaved/);
    await page.keyboard.press("Control+s");
    await state("Saved");
    await row(1).getByRole("link").click();
    await field("Pattern").fill("^a?");
  });

  await step("JSON and forms are one", async () => {
    await button("JSON").click();
    await json().fill((await json().inputValue()).replace('"^a?"', '"^b"'));
    await button("Form").click();
    await value("^b", field("Pattern"));
    await button("JSON").click();
    const text = await json().inputValue();
    await json().fill(text.replace('"steps": [', '"steps": [,'));
    await page.getByRole("alert").getByText(/^Not valid JSON at line \d+/).waitFor();
    await button("Form").click();
    await page.getByText(/cannot be read yet/).waitFor();
    await page.getByRole("button", { name: "Show it" }).click();
    await button("Back to the last that could be read").click();
    await value(text, json());
    await inspect(page, "editor-json");
    await button("Form").click();
  });

  await step("an unsaved change stays through other pages, a closed tab and a new log-in", async () => {
    await nav("Map").click();
    await page.waitForURL(({ pathname }) => pathname === "/");
    const asked = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), "beforeunload");
    await dialog.dismiss();
    await page.context().clearCookies();
    line.pull();
    await page.getByLabel("Token").fill(TOKEN);
    await page.getByRole("button", { name: "Log in" }).click();
    await nav("Pipelines").click();
    await page.getByRole("link", { name: /journey.*unsaved/ }).click();
    await row(1).getByRole("link").click();
    await value("^b", field("Pattern"));
  });

  await step("logging out asks before it drops the change", async () => {
    await button("Log out").click();
    const dialog = page.getByRole("dialog", { name: "Log out without saving?" });
    await dialog.getByText("journey").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
  });

  await step("two people at once: nothing is overwritten without a choice", async () => {
    await button("JSON").click();
    const saved = JSON.parse(await json().inputValue());
    await button("Form").click();
    await update(page, { ...saved, id, Description: "Theirs", steps: saved.steps.toSpliced(0, 1, { name: "theirs", validJson: {} }) });
    await page.getByText(/Somebody else saved this pipeline/).waitFor();
    await button("Save").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/earlier version/).waitFor();
    await inspect(page, "editor-merge");
    await choose(dialog.getByRole("radio", { name: /Keep mine/ }));
    await dialog.getByRole("button", { name: "Use my version" }).click();
    await dialog.waitFor({ state: "detached" });
    await button("Save").click();
    await state("Saved");
    await page.reload();
    await row(1).getByText("matches /^b/").waitFor();
    await page.getByRole("link", { name: "Name and payloads" }).click();
    await value("Made by forms only", page.getByLabel("Description"));
  });

  await step("a change outlives the pipeline, which can be brought back", async () => {
    await page.getByLabel("Description").fill("Still wanted");
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByRole("button", { name: "Delete", exact: true }).click();
    await other.getByRole("dialog").getByRole("button", { name: "Delete pipeline" }).click();
    await heard(other, "Deleted journey");
    await other.close();
    await page.getByText(/Somebody else deleted this pipeline/).waitFor();
    await button("Create pipeline").click();
    await state("Saved");
    await until(id, idInAddress);
    await page.reload();
    await value("Still wanted", page.getByLabel("Description"));
  });

  await step("a duplicate is a pipeline of its own", async () => {
    await button("Duplicate the pipeline").click();
    await value("Copy of journey", field("Name"));
    await button("Create pipeline").click();
    await page.getByRole("heading", { name: "Copy of journey" }).waitFor();
    await state("Saved");
    await eventually("an id of its own", async () => (await idInAddress()) !== id);
  });

  await step("nothing complained", async () => {
    // The browser itself reports what this journey broke: the network, and the session.
    excuse(/net::ERR_|status of 401/);
    assert.deepEqual(complaints, []);
  });
});
