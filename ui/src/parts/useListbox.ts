import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";

import { search } from "./search";

export interface Choice {
  id: string;
  label: string;
  hint?: string;
  kind?: string;
}

// More than a few screens of results is not a result.
const most = 100;

/** A search field over a list: arrow keys move, Enter picks, the pointer does both. */
export function useListbox<T extends Choice>(all: readonly T[], onPick: (choice: T) => void, onQuery?: (query: string) => void) {
  const list = useId();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const found = useMemo(
    () => search(all, query, ({ label, hint = "", kind = "" }) => `${label} ${hint} ${kind}`).slice(0, most),
    [all, query],
  );
  const at = Math.min(active, found.length - 1);
  const chosen = found[at];
  const chosenRow = useRef<HTMLLIElement>(null);
  useEffect(() => {
    chosenRow.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setActive((now) => (Math.min(now, found.length - 1) + step + found.length) % found.length);
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      onPick(chosen);
    }
  };

  return {
    query,
    found,
    input: {
      role: "combobox",
      "aria-expanded": true,
      "aria-controls": list,
      "aria-activedescendant": chosen && `${list}-${at}`,
      spellCheck: false,
      autoComplete: "off",
      value: query,
      onChange: (event: { target: { value: string } }) => {
        setQuery(event.target.value);
        setActive(0);
        onQuery?.(event.target.value);
      },
      onKeyDown,
    },
    list: { id: list, role: "listbox" },
    row: (choice: T, index: number) => ({
      ref: choice === chosen ? chosenRow : null,
      id: `${list}-${index}`,
      role: "option",
      "aria-selected": choice === chosen,
      onPointerMove: () => setActive(index),
      onClick: () => onPick(choice),
    }),
  };
}
