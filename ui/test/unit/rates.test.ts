import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { RatesSchema } from "../../src/gen/streamdal/console/v1/console_pb";
import { Rates } from "../../src/live/rates";
import { paceOf } from "../../src/pages/map/flowing";
import { byteRate, messageRate } from "../../src/parts/rate";

const heard = (audiences: Record<string, { bytes: number; processed: number }>) => create(RatesSchema, { audiences });
const flowing = (processed: number) => ({ bytes: 100 * processed, processed });

describe("a minute's history", () => {
  it("begins with the first rate that was heard", () => {
    const rates = new Rates();
    expect(rates.history(["a"], 6, 0)).toEqual([]);
    rates.hear(heard({ a: flowing(4) }), 100_000);
    expect(rates.history(["a"], 6, 105_000)).toEqual([4]);
    expect(rates.history(["a"], 6, 120_000)).toEqual([4, 4, 4]);
  });

  it("keeps a rate until the next one, and zero when an operation is no longer told", () => {
    const rates = new Rates();
    rates.hear(heard({ a: flowing(1), b: flowing(10) }), 100_000);
    rates.hear(heard({ a: flowing(2) }), 120_000);
    rates.hear(heard({ a: flowing(2), b: flowing(5) }), 140_000);
    expect(rates.history(["a"], 6, 150_000)).toEqual([1, 1, 2, 2, 2, 2]);
    expect(rates.history(["a", "b"], 6, 150_000)).toEqual([11, 11, 2, 2, 7, 7]);
  });

  it("forgets what is older than a minute, but not how the minute began", () => {
    const rates = new Rates();
    for (let second = 0; second <= 200; second++) rates.hear(heard({ a: flowing(second + 1) }), second * 1_000);
    expect(rates.history(["a"], 3, 200_000)).toEqual([161, 181, 201]);
    const kept = (rates as unknown as { past: Map<string, unknown[]> }).past.get("a")!;
    expect(kept.length).toBeLessThanOrEqual(62);
    expect(rates.history(["a"], 3, 900_000)).toEqual([201, 201, 201]);
  });
});

describe("rates", () => {
  it("add up, errors too", () => {
    const rates = new Rates();
    rates.hear(create(RatesSchema, { audiences: { a: { bytes: 1, processed: 2, errors: 0.5 }, b: { bytes: 10, processed: 20, errors: 1 } } }));
    expect(rates.of("a")).toEqual({ bytes: 1, messages: 2, errors: 0.5 });
    expect(rates.sum(["a", "b", "c"])).toEqual({ bytes: 11, messages: 22, errors: 1.5 });
  });
});

describe("rates in words", () => {
  it.each([
    [0, "0 msg/s"],
    [0.004, "<0.1 msg/s"],
    [0.42, "0.4 msg/s"],
    [2, "2 msg/s"],
    [9.96, "10 msg/s"],
    [12.4, "12 msg/s"],
    [999.4, "999 msg/s"],
    [999.6, "1k msg/s"],
    [1_234, "1.2k msg/s"],
    [56_700, "57k msg/s"],
    [3_400_000, "3.4M msg/s"],
  ])("%d", (value, words) => expect(messageRate(value)).toBe(words));

  it.each([
    [0, "0 B/s"],
    [340, "340 B/s"],
    [1_200, "1.2 kB/s"],
    [3_400_000, "3.4 MB/s"],
    [2e15, "2000 TB/s"],
  ])("%d bytes", (value, words) => expect(byteRate(value)).toBe(words));
});

describe("the pace of what moves", () => {
  it.each([
    [0, 0],
    [0.01, 1],
    [0.5, 1],
    [1, 2],
    [15, 3],
    [150, 4],
    [2_000, 5],
    [20_000, 6],
    [9e9, 6],
  ])("%d messages per second", (messages, pace) => expect(paceOf({ messages, bytes: 1, errors: 0 })).toBe(pace));
});
