import { useEffect, useRef, useState } from "react";

import { words } from "../../live/words";
import { type Item, list, type Page } from "./store";

// Somebody who types is not yet done.
const typing = 150;

/** The objects whose keys match a search, page by page; the server searches. The last answer stays until the next one. */
export function useItems(query: string) {
  const [page, setPage] = useState<Page>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const running = useRef<AbortController>(undefined);
  const ask = async (known: Item[]) => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    setBusy(true);
    try {
      const next = await list(known.at(-1)?.key ?? "", query.split(/\s+/).filter(Boolean), signal);
      if (signal.aborted) return;
      setPage({ items: [...known, ...next.items], more: next.more });
      setProblem(undefined);
    } catch (error) {
      if (!signal.aborted) setProblem(words(error));
    } finally {
      if (!signal.aborted) setBusy(false);
    }
  };
  const newest = useRef(ask);
  newest.current = ask;
  const asked = useRef(false);
  useEffect(() => {
    const timer = setTimeout(() => void newest.current([]), asked.current ? typing : 0);
    asked.current = true;
    return () => clearTimeout(timer);
  }, [query]);
  useEffect(() => () => running.current?.abort(), []);
  return { items: page?.items, more: page?.more ?? false, busy, problem, next: () => ask(page?.items ?? []), reload: () => ask([]) };
}
