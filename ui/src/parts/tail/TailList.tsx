import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { type FocusEvent, type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import type { Entry, Message } from "../../live/tail/message";
import { Button } from "../Button";
import css from "./tail-list.module.css";
import { TailDetail } from "./TailDetail";
import { TailRow } from "./TailRow";
import { useSize } from "./useSize";
import { clock } from "./words";

const lineHeight = 30;
const twoLines = 50;
// So near to the end that the newest message is in view.
const nearEnd = 24;
// Below these a line becomes two, and sides one below the other.
const narrow = 620;
const sides = 760;

interface Props {
  entries: readonly Entry[];
  session: string | undefined;
  onSession: (session: string) => void;
}

/** Messages, newest at the end, of which only those in view exist. It stays at the end until somebody looks at something else. */
export function TailList({ entries, session, onSession }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const { width, height: room } = useSize(scroll);
  const height = width < narrow ? twoLines : lineHeight;
  const [following, setFollowing] = useState(true);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [split, setSplit] = useState(true);
  const [active, setActive] = useState(0);
  const activeIndex = indexOf(entries, active);
  const getItemKey = useCallback((index: number) => entries[index]!.number, [entries]);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      // The focus must not vanish with its row.
      return activeIndex < 0 || indexes.includes(activeIndex) ? indexes : [activeIndex, ...indexes].sort((a, b) => a - b);
    },
    [activeIndex],
  );
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    getItemKey,
    rangeExtractor,
    overscan: 12,
    anchorTo: "end",
    followOnAppend: following,
    scrollEndThreshold: following ? nearEnd : -1,
  });
  useLayoutEffect(() => {
    rows.measure();
    scroll.current!.querySelectorAll<HTMLDivElement>("[data-open=true]").forEach((row) => rows.measureElement(row));
  }, [rows, height]);
  useLayoutEffect(() => {
    // Room that comes or goes leaves the end somewhere else.
    if (following) rows.scrollToEnd();
  }, [rows, height, room]);

  // What is pressed must not move away under the finger.
  const hold = () => setFollowing(false);
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = scroll.current!;
    const atEnd = scrollHeight - scrollTop - clientHeight <= nearEnd;
    // Who looks at the last message does not want it pushed away.
    if (following || open.size === 0) setFollowing(atEnd);
  };
  const opened = useRef(0);
  const newest = useRef({ entries, open, height });
  newest.current = { entries, open, height };
  const toggle = useCallback(
    ({ number }: Message) => {
      const now = newest.current;
      const next = new Set(now.open);
      if (next.delete(number)) rows.resizeItem(indexOf(now.entries, number), now.height);
      else {
        next.add(number);
        opened.current = number;
      }
      setActive(number);
      setFollowing(false);
      setOpen(next);
    },
    [rows],
  );
  useEffect(() => {
    // What was opened at the end of the view would be out of it.
    scroll.current?.querySelector(`[data-number="${opened.current}"] + *`)?.scrollIntoView({ block: "nearest" });
    opened.current = 0;
  }, [open]);
  const focus = useFocus(scroll);
  const onFocus = (event: FocusEvent) => {
    const number = numberOf(event.target);
    if (number > 0) setActive(number);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = indexOf(entries, numberOf(event.target));
    const to = from < 0 ? undefined : target(event.key, from, entries.length);
    if (to === undefined) return;
    event.preventDefault();
    const index = nextMessage(entries, to, to < from ? -1 : 1);
    if (index < 0) return;
    setFollowing(index === entries.length - 1);
    setActive(entries[index]!.number);
    rows.scrollToIndex(index);
    focus(entries[index]!.number);
  };
  const items = rows.getVirtualItems();
  const tabStop = activeIndex >= 0 ? activeIndex : nextMessage(entries, items.at(-1)?.index ?? -1, -1);
  return (
    <div className={css.frame}>
      <div ref={scroll} className={css.scroll} data-lines={height === twoLines ? 2 : 1} {...{ onScroll, onKeyDown, onFocus }} onPointerDown={hold}>
        <div role="list" aria-label="Messages" style={{ height: rows.getTotalSize(), position: "relative" }}>
          {items.map(({ index, start, key }) => {
            const entry = entries[index]!;
            const isOpen = open.has(entry.number);
            return (
              <div
                key={key}
                role="listitem"
                aria-setsize={entries.length}
                aria-posinset={index + 1}
                data-index={index}
                // Lines have a known height: what was measured is kept, and lines come and go by the million.
                ref={isOpen ? rows.measureElement : undefined}
                className={css.item}
                data-open={isOpen}
                style={{ transform: `translateY(${start}px)` }}
              >
                {entry.kind === "note" ? (
                  <p className={css.note}>
                    <span className={css.time}>{clock(entry.time)}</span> {entry.text}
                  </p>
                ) : (
                  <>
                    <TailRow message={entry} open={isOpen} active={index === tabStop} onToggle={toggle} />
                    {isOpen && (
                      <TailDetail
                        message={entry}
                        split={width < sides ? undefined : split}
                        onSplit={setSplit}
                        onSession={session === entry.session ? undefined : () => onSession(entry.session)}
                      />
                    )}
                  </>
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!following && entries.length > 0 && (
        <Button
          className={css.newest}
          onClick={() => {
            setFollowing(true);
            rows.scrollToEnd();
          }}
        >
          <ArrowDown size={14} aria-hidden /> Newest
        </Button>
      )}
    </div>
  );
}

/** The number of the message whose line it is; 0 when it is something else. */
function numberOf(element: EventTarget): number {
  return Number((element as HTMLElement).dataset["number"] ?? 0);
}

/** Where a key leads from a row. */
function target(key: string, from: number, rows: number): number | undefined {
  const page = 10;
  const to = { ArrowDown: from + 1, ArrowUp: from - 1, PageDown: from + page, PageUp: from - page, Home: 0, End: rows - 1 }[key];
  return to === undefined ? undefined : Math.max(0, Math.min(rows - 1, to));
}

/** The next entry that is a message, in one direction; -1 when there is none. */
function nextMessage(entries: readonly Entry[], from: number, step: 1 | -1): number {
  for (let index = from; index >= 0 && index < entries.length; index += step) if (entries[index]!.kind === "message") return index;
  return -1;
}

/** Entries are in the order of their numbers. */
function indexOf(entries: readonly Entry[], number: number): number {
  let low = 0;
  let high = entries.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = entries[middle]!.number;
    if (found === number) return middle;
    if (found < number) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Moves the focus to a row as soon as it exists. */
function useFocus(scroll: { current: HTMLElement | null }) {
  const wanted = useRef<number>(undefined);
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = scroll.current?.querySelector<HTMLElement>(`[data-number="${wanted.current}"]`);
    if (!row) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });
  return (number: number) => {
    wanted.current = number;
  };
}
