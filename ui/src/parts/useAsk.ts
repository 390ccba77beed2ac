import { useCallback, useEffect, useRef, useState } from "react";

import { useConsole } from "../live/context";
import { onReturn } from "../live/live";
import { words } from "../live/words";

export type Asked<T> = { state: "asking" } | { state: "failed"; reason: string } | { state: "known"; value: T };

/** Asks again; quietly: the last answer stays when that fails. */
export type Again = (quiet?: boolean) => Promise<void>;

/**
 * Asks the server when it is first shown, when key changes, when the connection comes back, and again on demand;
 * meanwhile the last answer stays.
 */
export function useAsk<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): [Asked<T>, Again] {
  const [asked, setAsked] = useState<{ key: string; answer: Asked<T> }>({ key, answer: { state: "asking" } });
  const newest = useRef(ask);
  newest.current = ask;
  const running = useRef<AbortController>(undefined);
  const again = useCallback(async (quiet = false) => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    try {
      const value = await newest.current(signal);
      if (!signal.aborted) setAsked({ key, answer: { state: "known", value } });
    } catch (error) {
      const failed: Asked<T> = { state: "failed", reason: words(error) };
      if (!signal.aborted) setAsked((now) => (quiet && now.key === key && now.answer.state === "known" ? now : { key, answer: failed }));
    }
  }, [key]);
  useEffect(() => {
    void again();
    return () => running.current?.abort();
  }, [again]);
  const { live } = useConsole();
  useEffect(() => onReturn(live, () => void again(true)), [live, again]);
  return [asked.key === key ? asked.answer : { state: "asking" }, again];
}
