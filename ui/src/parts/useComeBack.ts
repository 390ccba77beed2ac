import { useEffect } from "react";

/** Asks the server again when somebody comes back to the tab: others may have changed things meanwhile. */
export function useComeBack(again: (quiet: boolean) => Promise<void>) {
  useEffect(() => {
    const onVisible = () => void (document.visibilityState === "visible" && again(true));
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, [again]);
}
