import { afterEach, describe, expect, it, vi } from "vitest";

import { hold, steadily } from "../../src/pages/map/steady";

afterEach(() => hold(false));

describe("what changes while the map moves", () => {
  const source = () => {
    const listeners = new Set<() => void>();
    const subscribe = (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
    return { subscribe: steadily(subscribe as (listener: () => void) => () => void), change: () => listeners.forEach((one) => one()), listeners };
  };

  it("is told once, when it stops", () => {
    const { subscribe, change } = source();
    const listener = vi.fn();
    subscribe(listener);
    change();
    expect(listener).toHaveBeenCalledTimes(1);
    hold(true);
    change();
    change();
    expect(listener).toHaveBeenCalledTimes(1);
    hold(false);
    expect(listener).toHaveBeenCalledTimes(2);
    hold(false);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it("is not told to those who have left", () => {
    const { subscribe, change, listeners } = source();
    const listener = vi.fn();
    const leave = subscribe(listener);
    hold(true);
    change();
    leave();
    hold(false);
    expect(listener).not.toHaveBeenCalled();
    expect(listeners.size).toBe(0);
  });
});
