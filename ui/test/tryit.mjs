// A person's way around the editor of pipelines: templates, trying, paths, patterns, files, and changes of two people at once.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { eventually, heard, until } from "./patience.mjs";
import { enter, inspect, steps } from "./stage.mjs";

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("the Console around the editor", async (t) => {
  const { page, complaints } = stage;
  const step = steps(t, stage);
  const button = (name, at = page) => at.getByRole("button", { name, exact: true });
  const tryIt = page.getByRole("region", { name: "Try it" });
  const sample = tryIt.getByLabel("Sample payload");
  const outcomes = tryIt.getByRole("list", { name: "What each step did" }).getByRole("listitem");
  const dialog = page.getByRole("dialog");
  const json = (at = page) => at.getByLabel("Pipeline as JSON");
  /** Changes the JSON of the pipeline that is open. */
  const rewrite = async (change, at = page) => {
    if (!(await json(at).isVisible())) await button("JSON", at).click();
    const text = await json(at).inputValue();
    assert.notEqual(change(text), text);
    await json(at).fill(change(text));
  };
  const save = async (at = page) => {
    await button("Save", at).click();
    await at.getByText("Saved", { exact: true }).waitFor();
  };
  let file;

  await step("templates say what they do", async () => {
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Pipelines" }).click();
    await button("New").click();
    const card = page.getByRole("region", { name: "Keep messages sound" }).getByRole("listitem").filter({ hasText: "Require fields" });
    await card.getByText("Check customer.email is present").waitFor();
    await inspect(page, "templates");
  });

  await step("one is tried on its sample at once", async () => {
    await button("Mask e-mail addresses").click();
    await tryIt.getByText("2 of 2 steps ran").waitFor();
    await outcomes.nth(0).getByText("customer.email").waitFor();
    await outcomes.nth(1).getByText("changed the payload").click();
    await tryIt.getByRole("region", { name: "The payload before and after step 2" }).getByText(/mina\*+/).waitFor();
    await inspect(page, "try");
  });

  await step("it is tried again when the sample changes", async () => {
    await sample.fill('{"nothing": "to find"}');
    await tryIt.getByText("Ended at step 1 of 2").waitFor();
    await outcomes.nth(1).getByText("not run").waitFor();
    await tryIt.getByText("It stays as it is.").waitFor();
    await sample.fill("{oops");
    await tryIt.getByText(/^Not valid JSON/).waitFor();
  });

  await step("it is tried again when the pipeline changes", async () => {
    await sample.fill('{"mail": "mina@example.com"}');
    await rewrite((text) => text.replace('"mask": "*"', '"mask": "#"').replace('"mask e-mail addresses"', '"journey"'));
    await tryIt.getByText(/min#+/).last().waitFor();
    await button("Create pipeline").click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await until('{"mail": "mina@example.com"}', () => sample.inputValue());
  });

  await step("steps that ask their host say that nobody answers", async () => {
    await rewrite((text) => text.replace('"steps": [', '"steps": [{ "name": "known", "kv": { "action": "KV_ACTION_EXISTS", "mode": "KV_MODE_STATIC", "key": "k" } },'));
    await outcomes.nth(0).getByText("not available here").waitFor();
    await button("Discard").click();
  });

  await step("samples are made up from the schema of an operation", async () => {
    await button("Form").click();
    await button("Attach to an operation").click();
    await page.getByRole("combobox", { name: "Find an operation" }).fill("order-placed orders");
    await page.keyboard.press("Enter");
    await heard(page, "Attached journey");
    const source = tryIt.getByLabel("Sample", { exact: true });
    const value = await source.locator('optgroup[label^="Made up"] option').first().getAttribute("value");
    await eventually("a sample of the schema", async () => {
      await source.selectOption(value);
      return (await sample.inputValue()).includes("order_id");
    });
    await until("Made up: order-placed of orders", () => source.locator("option:checked").innerText());
  });

  await step("a live message is taken only when asked for", async () => {
    const live = tryIt.getByLabel("Sample", { exact: true }).locator('optgroup[label^="One live"] option').first();
    await tryIt.getByLabel("Sample", { exact: true }).selectOption(await live.getAttribute("value"));
    await dialog.getByRole("heading", { name: "Take one live message?" }).waitFor();
    await until("Take the next message", () => page.evaluate(() => document.activeElement.textContent));
    await inspect(page, "live-message");
    await button("Cancel", dialog).click();
    await tryIt.getByText(/^Made up/).waitFor({ state: "attached" });
    await tryIt.getByLabel("Sample", { exact: true }).selectOption(await live.getAttribute("value"));
    await button("Take the next message", dialog).click();
    await dialog.waitFor({ state: "detached" });
    await until("Live: order-placed of orders", () => tryIt.getByLabel("Sample", { exact: true }).locator("option:checked").innerText());
    await eventually("a message", async () => /order_id/.test(await sample.inputValue()));
  });

  await step("paths are picked by keyboard, or typed", async () => {
    await page.getByRole("navigation", { name: "Steps" }).getByRole("link", { name: /^1/ }).click();
    const path = page.getByRole("combobox", { name: "Where" });
    await path.click();
    await page.getByRole("option", { name: /^order_id/ }).waitFor();
    await inspect(page, "paths");
    await path.fill("sku");
    await page.getByRole("option", { name: /^lines\.#\.sku/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await until("lines.#.sku", () => path.inputValue());
    await until(0, () => page.getByRole("listbox").count());
    await path.fill("not.known");
    await page.getByText("No known field fits “not.known”; it is taken as it is typed.").waitFor();
    await page.keyboard.press("Escape");
    await until("not.known", () => path.inputValue());
    await button("Discard").click();
  });

  await step("patterns are tested by the server", async () => {
    await rewrite((text) => text.replace('"DETECTIVE_TYPE_PII_EMAIL"', '"DETECTIVE_TYPE_REGEX", "args": ["^\\\\d+$"]'));
    await button("Form").click();
    const tester = page.getByRole("region", { name: "Test the pattern" });
    await tester.getByLabel("Sample 1", { exact: true }).fill("٣٤");
    await tester.getByLabel("Sample 2", { exact: true }).fill("a1");
    const rows = tester.getByRole("listitem");
    await rows.nth(0).getByText("match", { exact: true }).waitFor();
    await rows.nth(1).getByText("no match").waitFor();
    await inspect(page, "pattern");
    await page.getByLabel("Pattern", { exact: true }).fill("(?=x)");
    await page.getByText(/look-ahead and look-behind are not supported/).first().waitFor();
    await button("Discard").click();
  });

  await step("a pipeline is exported as a file", async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), button("Export this pipeline").click()]);
    assert.equal(download.suggestedFilename(), "journey.json");
    file = JSON.parse(await readFile(await download.path(), "utf8"));
    assert.equal(file.id, decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1)));
    assert.equal(file.steps[1].transform.maskOptions.mask, "#");
  });

  await step("an import shows what it would change before it does", async () => {
    await page.getByRole("link", { name: "All pipelines" }).click();
    const fresh = { name: "imported", steps: [{ name: "valid", validJson: {} }] };
    const broken = { name: "broken", steps: [{ name: "r", detective: { type: "DETECTIVE_TYPE_REGEX", args: ["("] } }] };
    const pipelines = [{ ...file, name: "journey renamed" }, fresh, broken, { name: "odd", colour: 1 }];
    await button("Import").click();
    await dialog.locator("input[type=file]").setInputFiles({ name: "all.json", mimeType: "application/json", buffer: Buffer.from("{") });
    await dialog.getByRole("alert").getByText(/^all\.json: Not valid JSON/).waitFor();
    await dialog.locator("input[type=file]").setInputFiles({ name: "all.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ pipelines, notifications: [{ id: "n" }] })) });
    const items = dialog.getByRole("list", { name: "Pipelines in the file" }).getByRole("listitem");
    await items.nth(2).getByText(/the group is not closed/).waitFor();
    await items.nth(3).getByText("“colour” is not a field of Pipeline.").waitFor();
    await items.nth(0).getByText(/used by 1 operation/).waitFor();
    await dialog.getByText(/The file also has 1 notification/).waitFor();
    await items.nth(0).getByText("what would change").click();
    await items.nth(0).getByText("journey renamed").last().waitFor();
    await inspect(page, "import");
    await button("Import 2 pipelines", dialog).click();
    await heard(page, "Imported 2 pipelines");
    await page.getByRole("link", { name: /^imported.*not attached/ }).waitFor();
    await page.getByRole("link", { name: /^journey renamed.*1 operation/ }).waitFor();
  });

  await step("files can be dropped on the list", async () => {
    const data = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "one.json", { type: "application/json" }));
      return transfer;
    }, JSON.stringify(file));
    const list = page.getByRole("region", { name: "All pipelines" });
    await list.dispatchEvent("dragover", { dataTransfer: data });
    await page.getByText("Drop to see what it would change").waitFor();
    await list.dispatchEvent("drop", { dataTransfer: data });
    await dialog.getByRole("heading", { name: "Import journey" }).waitFor();
    await dialog.getByText("It is here in another version (used by 1 operation").waitFor();
    await button("Cancel", dialog).click();
  });

  await step("changes of two people at once are merged", async () => {
    await page.getByRole("link", { name: /^journey renamed/ }).click();
    await rewrite((text) => text.replace('"mask them"', '"mask all of them"'));
    const other = await page.context().newPage();
    await other.goto(page.url());
    await rewrite((text) => text.replace('"find e-mail addresses"', '"look for addresses"'), other);
    await save(other);
    await page.getByText(/Somebody else saved this pipeline/).waitFor();
    await button("Save").click();
    await dialog.getByText("You changed different parts, so both fit together.").waitFor();
    await inspect(page, "merge");
    await button("Use the merged version", dialog).click();
    await dialog.waitFor({ state: "detached" });
    await save();
    await eventually("both changes", async () => /look for addresses/.test(await json().inputValue()) && /mask all of them/.test(await json().inputValue()));

    await rewrite((before) => before.replace('"mask": "#"', '"mask": "x"'));
    await button("JSON", other).click();
    await rewrite((before) => before.replace('"mask": "#"', '"mask": "y"'), other);
    await save(other);
    await other.close();
    await page.getByText(/Somebody else saved this pipeline/).waitFor();
    await button("Save").click();
    await dialog.getByText("1 part left to decide").waitFor();
    await until(true, () => button("Use the merged version", dialog).isDisabled());
    await inspect(page, "conflict");
    await button("Back to my draft", dialog).click();
    await dialog.waitFor({ state: "detached" });
    await eventually("the draft", async () => /"mask": "x"/.test(await json().inputValue()));
    await button("Compare").click();
    await dialog.getByRole("group", { name: /^mask all of them/ }).getByLabel("Theirs").check();
    await button("Use the merged version", dialog).click();
    await dialog.waitFor({ state: "detached" });
    await eventually("their change", async () => /"mask": "y"/.test(await json().inputValue()));
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});
