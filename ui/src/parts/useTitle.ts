import { useEffect } from "react";

/** Puts the name of what is looked at before the page's name, in the browser's tab. */
export function useTitle(name: string | undefined) {
  useEffect(() => {
    if (!name) return;
    const page = document.title;
    document.title = `${name} · ${page}`;
    return () => {
      document.title = page;
    };
  }, [name]);
}
