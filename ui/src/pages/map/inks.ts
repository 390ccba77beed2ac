import { type RefObject, useMemo } from "react";

import type { Inks } from "./paint";

const variables: Record<keyof Inks, string> = {
  surface: "--surface",
  line: "--line-strong",
  text: "--text",
  muted: "--muted",
  accent: "--accent",
  consumer: "--consumer",
  producer: "--producer",
  consumerSoft: "--consumer-soft",
  producerSoft: "--producer-soft",
};

/** The theme's colours for drawings; they follow the theme. */
export function useInks(element: RefObject<HTMLElement | null>) {
  return useMemo(() => {
    let known: Inks | undefined;
    return {
      current: () => (known ??= read(element.current!)),
      subscribe: (listener: () => void) => {
        const changed = () => {
          known = undefined;
          listener();
        };
        const theme = new MutationObserver(changed);
        theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
        const system = matchMedia("(prefers-color-scheme: dark)");
        system.addEventListener("change", changed);
        return () => {
          theme.disconnect();
          system.removeEventListener("change", changed);
        };
      },
    };
  }, [element]);
}

function read(element: HTMLElement): Inks {
  // A variable is text until something is painted with it.
  const computed = getComputedStyle(element);
  const before = element.style.color;
  const inks = Object.entries(variables).map(([ink, variable]) => {
    element.style.color = `var(${variable})`;
    return [ink, computed.color];
  });
  element.style.color = before;
  return Object.fromEntries(inks) as unknown as Inks;
}
