import { afterEach, describe, expect, it, vi } from "vitest";

import { useExactLocation, useExactSearch } from "../../src/app/location";
import { decoded } from "../../src/parts/useChosen";

vi.mock("wouter/use-browser-location", () => ({
  useBrowserLocation: () => [location.pathname, () => undefined],
  useSearch: () => location.search,
}));

// What the router does with what its hooks tell.
const routed = (told: string) => decodeURI(told);

describe("the address", () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each(["a%41", "100%", "%", "%25", "a/b", "ä 💳", "%ZZ", "a+b&c=d"])("names %j after the page", (id) => {
    vi.stubGlobal("location", { pathname: `/pipelines/${encodeURIComponent(id)}` });
    const [path] = useExactLocation();
    expect(decoded(routed(path).slice("/pipelines/".length))).toBe(id);
  });

  it.each(["a%41", "100%", "%25", "a/b", "ä 💳", "a+b&c=d", "  two  "])("names %j in a parameter", (key) => {
    vi.stubGlobal("location", { search: "?" + new URLSearchParams({ key }).toString() });
    expect(new URLSearchParams(routed(useExactSearch())).get("key")).toBe(key);
  });

  it("that somebody wrote by hand is taken as it is", () => {
    expect(decoded("100%")).toBe("100%");
  });
});
