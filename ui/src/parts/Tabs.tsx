import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";

import css from "./tabs.module.css";

export interface Tab {
  id: string;
  label: string;
  /** A number beside the label. */
  count?: number;
  body: () => ReactNode;
}

interface Props {
  label: string;
  tabs: readonly Tab[];
  current: string;
  onChange: (id: string) => void;
}

/** Tabs that follow the arrow keys. Only the current tab's body is rendered. */
export function Tabs({ label, tabs, current, onChange }: Props) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const index = Math.max(0, tabs.findIndex(({ id }) => id === current));
  const tab = tabs[index]!;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (index + step + tabs.length) % tabs.length;
    onChange(tabs[next]!.id);
    list.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    <>
      <div ref={list} role="tablist" aria-label={label} className={css.tabs} onKeyDown={onKeyDown}>
        {tabs.map(({ id, label, count }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            aria-selected={id === tab.id}
            aria-controls={`${base}-body`}
            tabIndex={id === tab.id ? 0 : -1}
            className={css.tab}
            onClick={() => onChange(id)}
          >
            {label}
            {count !== undefined && <span className={css.count}>{count}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}-body`} aria-labelledby={`${base}-${tab.id}`} className={css.body}>
        {tab.body()}
      </div>
    </>
  );
}
