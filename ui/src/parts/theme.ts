// Light, dark or as the system says. The choice is kept in the browser, as are places on the map, and nothing else.
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const key = "streamdal-theme";

export function readTheme(): Theme {
  const kept = localStorage.getItem(key);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") {
    delete document.documentElement.dataset["theme"];
    localStorage.removeItem(key);
  } else {
    document.documentElement.dataset["theme"] = theme;
    localStorage.setItem(key, theme);
  }
  listeners.forEach((listener) => listener());
}

const listeners = new Set<() => void>();

/** The chosen theme; re-renders when somebody chooses another one. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
