import { useEffect } from "react";

import { type Glance, glance } from "../live/glance";
import { type Asked, useAsk } from "./useAsk";

const pause = 5_000;

/** All sessions and the state of the node, again every few seconds while the tab is looked at. */
export function useGlance(): [Asked<Glance>, () => Promise<void>] {
  const [asked, again] = useAsk("", glance);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void again();
    }, pause);
    return () => clearInterval(timer);
  }, [again]);
  return [asked, again];
}
