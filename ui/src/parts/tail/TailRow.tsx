import { memo } from "react";

import type { Message } from "../../live/tail/message";
import css from "./tail-list.module.css";
import { chipsOf, clock, lineOf, shortId } from "./words";

interface Props {
  message: Message;
  open: boolean;
  /** Whether the Tab key comes to it. */
  active: boolean;
  onToggle: (message: Message) => void;
}

const mostChips = 2;

/** One message in a line. */
export const TailRow = memo(function TailRow({ message, open, active, onToggle }: Props) {
  const chips = chipsOf(message);
  const more = chips.length - mostChips;
  const line = lineOf(message);
  return (
    <button
      type="button"
      className={css.row}
      data-number={message.number}
      aria-expanded={open}
      tabIndex={active ? 0 : -1}
      onClick={() => onToggle(message)}
    >
      <span className={css.time}>{clock(message.time)}</span>
      <span className={css.session} title={`Session ${message.session}`}>
        {shortId(message.session)}
      </span>
      <span className={css.chips}>
        {chips.slice(0, mostChips).map(({ kind, text, title }) => (
          <span key={text} className={css.chip} data-kind={kind} title={title}>
            {text}
          </span>
        ))}
        {more > 0 && (
          <span className={css.more} title={chips.slice(mostChips).map(({ text }) => text).join("\n")}>
            +{more}
          </span>
        )}
      </span>
      <span className={css.json}>{pieces(line)}</span>
    </button>
  );
});

/** Names stand back, so that values can be read. */
function pieces(line: string) {
  return line.split(/("(?:[^"\\]|\\.)*"\s*:)/).map((piece, i) => (i % 2 === 1 ? <i key={i}>{piece}</i> : piece));
}
