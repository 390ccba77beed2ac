// A person's way through the pages that manage things, against a running server (see stage.mjs).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { module } from "./module.mjs";
import { eventually, heard, until } from "./patience.mjs";
import { enter, inspect, steps } from "./stage.mjs";

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("the Console's pages that manage things", async (t) => {
  const { page, complaints, excuse } = stage;
  const step = steps(t, stage);
  const nav = (name) => page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true });
  const button = (name) => page.getByRole("button", { name, exact: true });
  const choose = (name, buffer) => page.getByLabel("Module", { exact: true }).setInputFiles({ name, mimeType: "application/wasm", buffer });
  const is = (state, button) => until(true, () => (state === "disabled" ? button.isDisabled() : button.isChecked()));

  await step("a notification is made; what the server refuses is said in its words", async () => {
    await nav("Notifications").click();
    await page.getByRole("heading", { name: "No notifications yet" }).waitFor();
    await button("New").click();
    await page.getByLabel("Name").fill("on call");
    await page.getByLabel("Channel").fill("#alerts");
    await button("Create notification").click();
    await page.getByRole("alert").getByText(/BotToken/).waitFor();
    await page.getByLabel("Bot token").fill("xoxb-secret");
    await button("Create notification").click();
    await page.getByRole("heading", { name: "on call" }).waitFor();
  });

  await step("its secret is never shown and stays when it is left blank", async () => {
    await page.reload();
    await page.getByRole("heading", { name: "on call" }).waitFor();
    assert.ok(!(await page.content()).includes("xoxb-secret"));
    await until("", () => page.getByLabel("Bot token").inputValue());
    await page.getByLabel("Channel").fill("#night");
    await button("Save").click();
    await heard(page, "Saved on call");
    await is("disabled", button("Save"));
    await inspect(page, "notification");
  });

  await step("a test says what came of it", async () => {
    await page.getByLabel("Sends to").selectOption({ label: "E-mail over SMTP" });
    await page.getByLabel("Recipients").fill("ann@example.com, bob@example.com");
    await page.getByLabel("From").fill("alerts@example.com");
    await page.getByLabel("Server").fill("127.0.0.1");
    await page.getByLabel("Port").fill("1");
    await page.getByLabel("User").fill("u");
    await page.getByLabel("Password").fill("p");
    // A test is one of what is stored.
    await is("disabled", button("Send test"));
    await button("Save").click();
    await heard(page, "Saved on call");
    // The browser reports the refusal of this request, as it should be.
    excuse(/status of \d+.*\/api\/v1\/notifications\/.*\/test/);
    await button("Send test").click();
    await page.getByRole("alert").filter({ hasText: /127\.0\.0\.1|refused/ }).waitFor();
  });

  await step("it is deleted after a second, deliberate step", async () => {
    await button("Delete").click();
    await button("Delete on call").click();
    await page.getByRole("heading", { name: "No notifications yet" }).waitFor();
  });

  await step("a file that is no module is refused, and so is one that the server does not like", async () => {
    await nav("Wasm").click();
    await button("Upload").click();
    await choose("notes.wasm", Buffer.from("hello"));
    await page.getByRole("alert").getByText(/not a WebAssembly module/).waitFor();
    await is("disabled", page.locator("form").getByRole("button", { name: "Upload" }));
    await choose("own rule.wasm", Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    await page.locator("form").getByRole("button", { name: "Upload" }).click();
    await page.getByRole("alert").getByText(/Invalid custom wasm|Unable to validate/i).waitFor();
    await inspect(page, "wasm-refused");
  });

  await step("a module that is dropped is uploaded, shown and deleted", async () => {
    const zone = page.locator("label").filter({ has: page.getByLabel("Module", { exact: true }) });
    const carried = await page.evaluateHandle((bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], "dropped rule.wasm", { type: "application/wasm" }));
      return transfer;
    }, [...module]);
    await zone.dispatchEvent("dragover", { dataTransfer: carried });
    await until("true", () => zone.getAttribute("data-over"));
    await zone.dispatchEvent("drop", { dataTransfer: carried });
    await zone.getByText(`dropped rule.wasm, ${module.length} B`).waitFor();
    await until("false", () => zone.getAttribute("data-over"));
    await page.getByLabel("Name", { exact: true }).fill("own-rule");
    await page.getByLabel("Version").fill("1.2");
    await page.locator("form").getByRole("button", { name: "Upload" }).click();
    await page.getByRole("heading", { name: "own-rule" }).waitFor();
    await page.getByRole("link", { name: /own-rule.*version 1\.2/s }).waitFor();
    await inspect(page, "wasm");
    await button("Delete").click();
    await button("Delete own-rule").click();
    await heard(page, "Deleted own-rule");
  });

  await step("a key-value object is made, shown in three ways and changed", async () => {
    await nav("KV").click();
    await page.getByRole("heading", { name: "No key-value objects yet" }).waitFor();
    await button("New").click();
    const dialog = page.getByRole("dialog");
    const shows = (value) => until(value, () => dialog.getByLabel("Value", { exact: true }).inputValue());
    await dialog.getByLabel("Key", { exact: true }).fill("allow/ann@example.com");
    await dialog.getByLabel("Value", { exact: true }).fill('{"a":1}');
    await dialog.getByRole("radio", { name: "Hex" }).check();
    await shows("7b 22 61 22 3a 31 7d");
    await button("Create").click();
    await page.getByTestId("usage").getByText("1 object").waitFor();
    await page.getByRole("button", { name: "allow/ann@example.com" }).click();
    await is("checked", dialog.getByRole("radio", { name: "JSON" }));
    await inspect(page, "kv-value");
    await dialog.getByRole("radio", { name: "Text" }).check();
    await shows('{"a":1}');
    await dialog.getByLabel("Value", { exact: true }).fill("yes");
    await button("Save").click();
    await page.getByRole("cell", { name: "yes" }).waitFor();
  });

  await step("a key that exists is replaced only on request", async () => {
    excuse(/status of 409.*\/api\/v1\/kv/);
    await button("New").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Key", { exact: true }).fill("allow/ann@example.com");
    await dialog.getByLabel("Value", { exact: true }).fill("no");
    await button("Create").click();
    await page.getByRole("alert").getByText(/already exists/).waitFor();
    await dialog.getByLabel(/Replace the value/).check();
    await button("Create").click();
    await page.getByRole("cell", { name: "no", exact: true }).waitFor();
  });

  await step("more objects than a page has are paged and searched", async () => {
    await page.evaluate(async () => {
      const kvs = Array.from({ length: 150 }, (_, i) => ({ key: `k${String(i).padStart(3, "0")}`, value: btoa(`v${i}`) }));
      await fetch("/api/v1/kv", { method: "POST", body: JSON.stringify({ kvs }) });
    });
    await page.reload();
    await button("Show more").waitFor();
    await until(101, () => page.getByRole("row").count());
    await page.getByLabel("Find a key").fill("K14");
    await page.getByRole("button", { name: "k149" }).waitFor();
    await button("Show more").waitFor({ state: "detached" });
    // The server searches all pages.
    await until(11, () => page.getByRole("row").count());
    await page.waitForURL(/q=K14/);
    await inspect(page, "kv");
    await page.getByLabel("Find a key").fill("");
  });

  await step("keys that are steps in a path can be opened and deleted", async () => {
    await page.evaluate(async () => {
      const kvs = [".", "..", "a/../b"].map((key) => ({ key, value: btoa("here") }));
      await fetch("/api/v1/kv", { method: "POST", body: JSON.stringify({ kvs }) });
    });
    for (const key of [".", "..", "a/../b"]) {
      await page.goto(`${new URL(page.url()).origin}/kv?key=${encodeURIComponent(key)}`);
      const dialog = page.getByRole("dialog", { name: key, exact: true });
      await until("here", () => dialog.getByLabel("Value", { exact: true }).inputValue());
      await dialog.getByRole("button", { name: "Delete", exact: true }).click();
      await dialog.getByRole("button", { name: `Delete ${key} for good` }).click();
      await heard(page, `Deleted ${key}`);
    }
  });

  await step("all are deleted behind typed words", async () => {
    await button("Delete all").click();
    const confirm = page.getByRole("dialog").getByRole("button", { name: "Delete 151 objects" });
    await is("disabled", confirm);
    await page.getByLabel(/Type/).fill("delete all");
    await confirm.click();
    await page.getByRole("heading", { name: "No key-value objects yet" }).waitFor();
  });

  await step("an operation's schema is a tree, JSON and a history", async () => {
    await nav("Schemas").click();
    await page.getByRole("link", { name: /order-placed orders/ }).click();
    const field = page.getByRole("list", { name: "Fields" }).getByRole("listitem").filter({ hasText: "order_id" });
    await eventually("a schema", async () => {
      await page.getByRole("button", { name: "Refresh" }).click();
      return (await field.count()) > 0;
    });
    await inspect(page, "schema");
    await page.getByRole("tab", { name: "JSON" }).click();
    await page.getByRole("figure", { name: "JSON schema" }).getByText(/"order_id"/).waitFor();
    await page.getByRole("tab", { name: /History/ }).click();
    await page.waitForURL(/tab=history/);
    await page.getByText(/There is one version so far|From/).first().waitFor();
    await inspect(page, "schema-history");
  });

  await step("sessions are listed, sorted and filtered, and have their rules", async () => {
    await nav("Sessions").click();
    await page.getByTestId("sessions").getByText(/^([4-9]) of \1 have their rules$/).waitFor();
    await inspect(page, "sessions");
    await button("Language").click();
    await page.waitForURL(/sort=language/);
    await page.getByLabel("Find a session").fill("billing");
    await page.getByRole("row", { name: /^billing/ }).first().waitFor();
    await page.getByLabel("Find a session").fill("no such thing");
    await page.getByTestId("sessions").getByText(/^0 of 0/).waitFor();
  });

  await step("settings tell of the server and how to connect", async () => {
    await nav("Settings").click();
    await page.getByText(new URL(page.url()).host).first().waitFor();
    await page.getByRole("region", { name: "Server" }).getByText(/^admin$/).waitFor();
    await page.getByRole("tab", { name: "Python" }).click();
    await page.getByRole("figure", { name: "Python program" }).getByText(new URL(page.url()).host).waitFor();
    await page.getByRole("radio", { name: "Dark" }).check();
    await until("dark", () => page.evaluate(() => document.documentElement.dataset.theme));
    await page.getByRole("radio", { name: "As the system" }).check();
    await inspect(page, "settings");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("region", { name: "Copy of the rules" }).getByRole("button", { name: "Download" }).click()]);
    assert.equal(download.suggestedFilename(), "streamdal-configs.json");
  });

  await step("the browser had nothing to complain about", async () => assert.deepEqual(complaints, []));
});
