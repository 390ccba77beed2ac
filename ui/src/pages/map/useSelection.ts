import { useCallback, useMemo } from "react";
import { useSearchParams } from "wouter";

import { readSelection, type Selection, selectionKinds } from "../../parts/selection";

// What panels keep in the address about themselves.
const inPanel = ["tab", "ask", "schema", "from", "to", "lines", "as"];

/** The map's state in the address: what is selected, the search, and the view. */
export function useMapAddress() {
  const [params, setParams] = useSearchParams();
  const selection = useMemo(() => readSelection(params), [params]);
  const select = useCallback(
    (next: Selection | undefined) =>
      setParams((now) => {
        selectionKinds.forEach((kind) => now.delete(kind));
        inPanel.forEach((name) => now.delete(name));
        if (next) now.set(next.kind, next.id);
        return now;
      }),
    [setParams],
  );
  /** Sets or (with "") clears one parameter without a step in the browser's history. */
  const set = useCallback(
    (name: string, value: string) =>
      setParams(
        (now) => {
          if (value === "") now.delete(name);
          else now.set(name, value);
          return now;
        },
        { replace: true },
      ),
    [setParams],
  );
  return { selection, select, get: (name: string) => params.get(name) ?? "", set };
}
