// Which services are shown as a sum, in the address: "folded=all" or not, and "but" for each service that differs.
import { useCallback, useMemo } from "react";
import { useSearchParams } from "wouter";

export interface Folding {
  all: boolean;
  /** Services for which it is the other way round, in lower case. */
  but: ReadonlySet<string>;
}

export function readFolding(params: URLSearchParams): Folding {
  return { all: params.get("folded") === "all", but: new Set(params.getAll("but").map((name) => name.toLowerCase())) };
}

export function writeFolding(params: URLSearchParams, { all, but }: Folding): void {
  params.delete("folded");
  params.delete("but");
  if (all) params.set("folded", "all");
  for (const name of but) params.append("but", name);
}

export function isFolded({ all, but }: Folding, service: string): boolean {
  return all !== but.has(service.toLowerCase());
}

/** The folding with one service the way it shall be. */
export function folding({ all, but }: Folding, service: string, folded: boolean): Folding {
  const next = new Set(but);
  if (folded === all) next.delete(service.toLowerCase());
  else next.add(service.toLowerCase());
  return { all, but: next };
}

export function useFolding() {
  const [params, setParams] = useSearchParams();
  // Everything else in the address may change without folding anything.
  const only = new URLSearchParams();
  writeFolding(only, readFolding(params));
  const spelt = only.toString();
  const now = useMemo(() => readFolding(new URLSearchParams(spelt)), [spelt]);
  const change = useCallback(
    (next: (now: Folding) => Folding) =>
      setParams((params) => {
        writeFolding(params, next(readFolding(params)));
        return params;
      }),
    [setParams],
  );
  const fold = useCallback((service: string, folded: boolean) => change((now) => folding(now, service, folded)), [change]);
  const foldAll = useCallback((all: boolean) => change(() => ({ all, but: new Set() })), [change]);
  const test = useCallback((service: string) => isFolded(now, service), [now]);
  return { isFolded: test, fold, foldAll, folding: now };
}
