import { create, fromJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { type Pipeline, PipelineSchema } from "../../src/gen/protos/pipeline_pb";
import { matchSteps } from "../../src/pages/pipelines/merge/match";
import { conflictsOf, merged, mergingOf, only, type Picks } from "../../src/pages/pipelines/merge/merging";

const find = (name: string, path = "a") => ({ name, detective: { type: "DETECTIVE_TYPE_HAS_FIELD", path } });
const mask = (name: string, path = "a") => ({ name, transform: { type: "TRANSFORM_TYPE_MASK_VALUE", maskOptions: { path } } });
const valid = { name: "valid", validJson: {} };
const of = (steps: object[], fields: object = {}) => fromJson(PipelineSchema, JSON.parse(JSON.stringify({ id: "1", name: "p", steps, ...fields })));

/** "find(a) mask(b)", in order. */
const shown = ({ steps }: Pipeline) =>
  steps
    .map(({ name, step }) => {
      const options = step.case === "transform" ? step.value.options.value : step.value;
      return options && "path" in options ? `${name}(${options.path})` : name;
    })
    .join(" ");
const base = [find("find"), mask("mask"), valid];
const merge = (mine: object[], theirs: object[], picks?: Picks) => shown(merged(mergingOf(of(base), of(mine), of(theirs)), picks));
const conflicts = (mine: object[], theirs: object[]) => conflictsOf(mergingOf(of(base), of(mine), of(theirs)));

describe("steps of two pipelines", () => {
  const match = (steps: object[], others: object[]) => matchSteps(of(steps).steps, of(others).steps);
  it("are the same when they are equal, wherever they are", () => expect(match([valid, find("find")], base)).toEqual([2, 0]));
  it("are the same under one name", () => expect(match([mask("mask", "other")], base)).toEqual([1]));
  it("are the same when they are of one kind and nothing fits better", () => {
    expect(match([find("renamed", "b"), find("find", "c")], base)).toEqual([-1, 0]);
    expect(match([find("renamed", "b")], base)).toEqual([0]);
  });
  it("are told apart when they are equal among each other", () => expect(match([find("x"), find("x"), find("x")], [find("x"), find("x")])).toEqual([0, 1, -1]));
  it("do not depend on what the server fills in", () => {
    const [saved] = of(base).steps;
    expect(matchSteps([{ ...saved!, WasmId: "id", WasmFunction: "f" }], of([find("other", "z"), find("find")]).steps)).toEqual([1]);
  });
});

describe("a merge", () => {
  it("takes changes of different steps from both", () => {
    const [mine, theirs] = [[find("find", "mine"), mask("mask"), valid], [find("find"), mask("mask", "theirs"), valid]];
    expect(conflicts(mine, theirs)).toEqual([]);
    expect(merge(mine, theirs)).toBe("find(mine) mask(theirs) valid");
  });

  it("takes steps that were added, behind those they were added behind", () => {
    const [mine, theirs] = [[find("new", "m"), ...base], [find("find"), mask("more", "t"), mask("mask"), valid]];
    expect(conflicts(mine, theirs)).toEqual([]);
    expect(merge(mine, theirs)).toBe("new(m) find(a) more(t) mask(a) valid");
  });

  it("takes a step that both added once", () => {
    const both = [...base, find("new", "n")];
    expect(merge(both, both)).toBe("find(a) mask(a) valid new(n)");
    expect(conflicts([...base, find("new", "m")], [...base, find("new", "t")])).toHaveLength(1);
  });

  it("takes steps away that one of both took away", () => {
    expect(merge([find("find"), valid], [...base, find("new", "n")])).toBe("find(a) valid new(n)");
    expect(merge(base, [valid])).toBe("valid");
    expect(merge([valid], [valid])).toBe("valid");
  });

  it("keeps the order of who changed it", () => {
    const turned = base.toReversed();
    expect(merge(turned, [find("find", "t"), mask("mask"), valid])).toBe("valid mask(a) find(t)");
    expect(merge([find("find", "m"), mask("mask"), valid], turned)).toBe("valid mask(a) find(m)");
  });

  it("asks when both changed one step, or took it away, or the order", () => {
    const [mine, theirs] = [[find("find", "m"), mask("mask"), valid], [find("find", "t"), mask("mask"), valid]];
    expect(conflicts(mine, theirs)).toEqual(["step 0"]);
    expect(merge(mine, theirs)).toBe("find(m) mask(a) valid");
    expect(merge(mine, theirs, { "step 0": "theirs" })).toBe("find(t) mask(a) valid");

    expect(conflicts(mine, [mask("mask"), valid])).toEqual(["step 0"]);
    expect(merge(mine, [mask("mask"), valid], { "step 0": "theirs" })).toBe("mask(a) valid");

    const [one, other] = [[base[1]!, base[0]!, base[2]!], [base[0]!, base[2]!, base[1]!]];
    expect(conflicts(one, other)).toEqual(["order"]);
    expect(merge(one, other)).toBe("mask(a) find(a) valid");
    expect(merge(one, other, { order: "theirs" })).toBe("find(a) valid mask(a)");
  });

  it("can leave out what one side changed", () => {
    const [mine, theirs] = [[...base, find("new", "m")], [find("find", "t"), mask("mask"), valid]];
    expect(merge(mine, theirs, { "mine 0": "theirs", "step 0": "mine" })).toBe("find(a) mask(a) valid");
  });

  it("treats the pipeline's own fields alike", () => {
    const merging = mergingOf(of([valid]), of([valid], { name: "mine" }), of([valid], { Description: "theirs", dataFormat: "PIPELINE_DATA_FORMAT_JSON" }));
    expect(conflictsOf(merging)).toEqual([]);
    expect(merged(merging)).toMatchObject({ id: "1", name: "mine", Description: "theirs" });
    expect(conflictsOf(mergingOf(of([]), of([], { name: "m" }), of([], { name: "t" })))).toEqual(["name"]);
  });

  it("can be one side as a whole, in the place of the other", () => {
    const theirs = create(PipelineSchema, { ...of([valid]), UpdatedAtUnixTsUtc: 7n });
    const merging = mergingOf(of(base), of([find("mine")], { name: "mine" }), theirs);
    expect(only(merging, "mine")).toMatchObject({ id: "1", name: "mine", UpdatedAtUnixTsUtc: 7n, steps: [{ name: "mine" }] });
    expect(only(merging, "theirs")).toBe(theirs);
  });
});
