import { describe, expect, it } from "vitest";

import { difference, fold, type Row } from "../../src/parts/difference";
import { pretty } from "../../src/parts/pretty";

const side = (row: Row, name: "left" | "right") =>
  row[name] && `${row[name].number} ${row[name].pieces.map(({ text, marked }) => (marked ? `[${text}]` : text)).join("")}`;
const shown = (before: string, after: string) =>
  difference(before, after).map((row) => [row.changed ? "*" : "", side(row, "left"), side(row, "right")]);

describe("difference", () => {
  it("pairs lines that were changed and marks the words", () => {
    expect(shown('{\n "mail": "ann@x.io",\n "id": 7\n}', '{\n "mail": "***",\n "id": 7\n}')).toEqual([
      ["", "1 {", "1 {"],
      ["*", '2  "mail": "[ann@x.io]",', '2  "mail": "[***]",'],
      ["", '3  "id": 7', '3  "id": 7'],
      ["", "4 }", "4 }"],
    ]);
  });
  it("tells lines that came and went", () => {
    expect(shown("a\nb\nc", "b\nc\nd")).toEqual([
      ["*", "1 a", undefined],
      ["", "2 b", "1 b"],
      ["", "3 c", "2 c"],
      ["*", undefined, "3 d"],
    ]);
  });
  it("knows empty texts", () => {
    expect(shown("", "")).toEqual([]);
    expect(shown("", "a")).toEqual([["*", undefined, "1 a"]]);
    expect(shown("a", "")).toEqual([["*", "1 a", undefined]]);
  });
  it("does not mark words of lines that have nothing in common", () => {
    expect(shown("alpha", "beta")).toEqual([["*", "1 alpha", "1 beta"]]);
  });
  it("ends soon when everything differs", () => {
    const lines = (prefix: string) => Array.from({ length: 20_000 }, (_, i) => prefix + i).join("\n");
    const rows = difference(lines("a"), lines("b"));
    expect(rows).toHaveLength(20_000);
    expect(rows.every(({ changed, left, right }) => changed && left && right)).toBe(true);
  });
});

describe("fold", () => {
  it("leaves rows around a change and folds the rest", () => {
    const text = Array.from({ length: 20 }, (_, i) => String(i));
    const rows = difference(text.join("\n"), text.with(10, "x").join("\n"));
    const folded = fold(rows, 2);
    expect(folded.map((entry) => ("folded" in entry ? entry.folded.length : entry.left?.pieces[0]?.text))).toEqual([8, "8", "9", "10", "11", "12", 7]);
  });
});

describe("pretty", () => {
  it.each([
    ['{"a":1,"b":[],"c":{},"d":[1,{"e":null}]}', '{\n  "a": 1,\n  "b": [],\n  "c": {},\n  "d": [\n    1,\n    {\n      "e": null\n    }\n  ]\n}'],
    ['{"n":12345678901234567890.10,"n":1e400}', '{\n  "n": 12345678901234567890.10,\n  "n": 1e400\n}'],
    ['"a{\\"}, :b"', '"a{\\"}, :b"'],
    ["not json", "not json"],
    ["", ""],
  ])("%s", (text, want) => expect(pretty(text)).toBe(want));
});
