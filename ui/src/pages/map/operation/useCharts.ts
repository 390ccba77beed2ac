import { useEffect, useState } from "react";

import type { Charts } from "../../../gen/streamdal/console/v1/console_pb";
import { useConsole } from "../../../live/context";
import { words } from "../../../live/words";

/** Charts have a point for each ten seconds. */
const interval = 10_000;

export interface Charting {
  /** The newest answer; undefined until the first. */
  charts: Charts | undefined;
  /** Why the last question was not answered. */
  problem: string | undefined;
}

/** The last hour of an operation, asked for again every ten seconds while somebody looks. */
export function useCharts(key: string): Charting {
  const { console } = useConsole();
  const [charting, setCharting] = useState<Charting>({ charts: undefined, problem: undefined });
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    let asking = false;
    const ask = async () => {
      if (asking || document.visibilityState !== "visible") return;
      asking = true;
      try {
        const charts = await console.getCharts({ audience: key }, { signal });
        if (!signal.aborted) setCharting({ charts, problem: undefined });
      } catch (error) {
        if (!signal.aborted) setCharting(({ charts }) => ({ charts, problem: words(error) }));
      } finally {
        asking = false;
      }
    };
    const timer = setInterval(() => void ask(), interval);
    document.addEventListener("visibilitychange", () => void ask(), { signal });
    void ask();
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [console, key]);
  return charting;
}
