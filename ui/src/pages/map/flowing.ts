// What flows through some operations together, as their cards and links show it.
import { useMemo, useSyncExternalStore } from "react";

import { useConsole } from "../../live/context";
import type { Group } from "../../live/model";
import type { Rate } from "../../live/rates";
import { steadily } from "./steady";

export function keysOf(groups: readonly Group[]): string[] {
  return groups.flatMap((group) => group.operations.map(({ key }) => key));
}

/** Something that can be said of the sum of some operations' rates; re-renders only when that changes. */
export function useFlowing<T extends string | number>(keys: readonly string[], say: (rate: Rate) => T): T {
  const { rates } = useConsole().live;
  const subscribe = useMemo(() => steadily(rates.subscribe), [rates]);
  return useSyncExternalStore(subscribe, () => say(rates.sum(keys)));
}

/** How fast something flows, from 0 (nothing) to 6: in steps, because a change of pace makes what moves jump. */
export function paceOf({ messages }: Rate): number {
  if (messages <= 0) return 0;
  return Math.max(1, Math.min(6, 2 + Math.floor(Math.log10(messages))));
}
