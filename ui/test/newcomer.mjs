// What a newcomer does first, from an empty server to a masked message in a tail (see stage.mjs).
// A service named signup-service connects on its own as soon as there is a pipeline.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { eventually, heard, until } from "./patience.mjs";
import { enter, inspect, steps } from "./stage.mjs";

let stage;
before(async () => {
  stage = await enter();
});
after(() => stage?.browser.close());

test("from nothing to a masked message", async (t) => {
  const { page, complaints } = stage;
  const step = steps(t, stage);
  const nav = (name) => page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true });
  const button = (name) => page.getByRole("button", { name, exact: true });
  const panel = () => page.getByTestId("inspector");
  const pick = async (words, name) => {
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("combobox").fill(words);
    await dialog.getByRole("option", { name }).waitFor();
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
  };

  await step("an empty Console says how to connect", async () => {
    await eventually("a title", async () => /Streamdal/.test(await page.title()));
    await page.getByText("No services defined").waitFor();
    for (const language of ["Go", "Node", "Python", "Ruby"]) await page.getByRole("tab", { name: language, exact: true }).waitFor();
    await page.getByText(new URL(process.env.BASE_URL).host).first().waitFor();
    await inspect(page, "newcomer-empty");
  });

  await step("a pipeline finds personal data by names and masks it", async () => {
    await nav("Pipelines").click();
    await button("New").click();
    await button("One step").click();
    await page.getByRole("link", { name: "Name and payloads" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Test Pipeline");
    await page.getByRole("list", { name: "Steps" }).getByRole("link").first().click();
    await button("Change…").click();
    await pick("PII_KEYWORD", /named like personal data/);
    await page.getByLabel("Where", { exact: true }).fill("");
    await page.keyboard.press("Escape");
    await button("Add step").click();
    await pick("MASK_VALUE", /^Mask/);
    await until(true, () => page.getByLabel(/^Change what the step before found/).isChecked());
    await button("Create pipeline").click();
    await heard(page, "Saved Test Pipeline");
  });

  await step("the service shows up by itself", async () => {
    await nav("Map").click();
    const map = page.getByTestId("map");
    for (const name of ["signup-service", "verifier", "postgresql"]) await map.getByText(name).first().waitFor();
  });

  await step("the pipeline is attached", async () => {
    await page.getByTestId("map").getByText("verifier").first().click();
    await panel().getByRole("button", { name: "Attach a pipeline", exact: true }).click();
    await panel().getByRole("combobox", { name: "Find a pipeline to attach" }).fill("Test Pipeline");
    await page.keyboard.press("Enter");
    await heard(page, "Attached Test Pipeline");
    await panel().getByText("1 of 1 session has it").waitFor();
  });

  await step("its schema was inferred", async () => {
    await panel().getByRole("tab", { name: "Schema" }).click();
    await panel().getByText("birthdate").first().waitFor();
  });

  await step("a tail shows the masked field", async () => {
    await panel().getByRole("tab", { name: "Tail" }).click();
    await button("Start").click();
    await panel().getByText(/"user_id": ?"54\*+"/).first().waitFor();
    await button("Stop").click();
  });

  await step("nothing was complained about", async () => {
    assert.deepEqual(complaints, []);
  });
});
