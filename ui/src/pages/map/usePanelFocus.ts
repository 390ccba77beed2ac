import { type RefObject, useLayoutEffect } from "react";

/**
 * Takes the keyboard into a panel that it opened, where there may be hundreds of cards between them, and back when the
 * panel closes. What the pointer opened leaves the focus where it is.
 */
export function usePanelFocus(panel: RefObject<HTMLElement | null>) {
  useLayoutEffect(() => {
    const element = panel.current!;
    const opener = document.activeElement;
    const byKeyboard = opener !== null && opener.closest("main") !== null && opener.matches(":focus-visible");
    if (byKeyboard && !element.contains(opener)) element.focus({ preventScroll: true });
    return () => {
      if (!byKeyboard || !element.contains(document.activeElement)) return;
      const back = opener.isConnected ? opener : document.getElementById("page");
      (back as HTMLElement | null)?.focus({ preventScroll: true });
    };
  }, [panel]);
}
