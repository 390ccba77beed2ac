import { useDeferredValue, useMemo } from "react";

import type { Entry, Message } from "../../live/tail/message";
import { parseFilter } from "./filter";

export interface Shown {
  entries: readonly Entry[];
  messages: number;
  /** What is wrong with the filter; then all is shown. */
  problem: string | undefined;
}

/** What passes the filter. Each message is looked at once per filter. */
export function useShown(all: readonly Entry[], text: string, changedOnly: boolean): Shown {
  const deferred = useDeferredValue(text);
  const filter = useMemo(() => parseFilter(deferred.trim()), [deferred]);
  const passes = useMemo(() => {
    const test = "test" in filter ? filter.test : () => true;
    const known = new WeakMap<Message, boolean>();
    return (message: Message) => {
      let verdict = known.get(message);
      if (verdict === undefined) known.set(message, (verdict = (!changedOnly || message.changed) && test(message)));
      return verdict;
    };
  }, [filter, changedOnly]);
  return useMemo(() => {
    let messages = 0;
    const entries = all.filter((entry) => entry.kind === "note" || (passes(entry) && ++messages > 0));
    return { entries, messages, problem: "problem" in filter ? filter.problem : undefined };
  }, [all, passes, filter]);
}
