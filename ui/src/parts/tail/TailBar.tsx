import { Download, Pause, Play, Square, Trash2 } from "lucide-react";

import { useCell } from "../../live/cell";
import type { Session } from "../../live/model";
import type { Tail, Wish } from "../../live/tail/tail";
import { Button, IconButton } from "../Button";
import { languageName } from "../Language";
import { SearchBox } from "../SearchBox";
import { useToasts } from "../toast";
import { SampleFields } from "./SampleFields";
import css from "./tail.module.css";
import { shortId } from "./words";

export interface View {
  filter: string;
  changedOnly: boolean;
}

interface Props {
  tail: Tail;
  sessions: readonly Session[];
  wish: Wish;
  onWish: (wish: Wish) => void;
  view: View;
  onView: (view: View) => void;
  problem: string | undefined;
  /** Undefined when there is nothing to save. */
  onSave: (() => void) | undefined;
}

/** What one can do with a tail. */
export function TailBar({ tail, sessions, wish, onWish, view, onView, problem, onSave }: Props) {
  return (
    <div className={css.bar} role="toolbar" aria-label="Tail">
      <Switches tail={tail} wish={wish} />
      <div className={css.filter}>
        <SearchBox
          filter
          label="Filter messages"
          placeholder="Text, or user.email = ann@x.io"
          value={view.filter}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : "tail-filter-problem"}
          onChange={(filter) => onView({ ...view, filter })}
        />
      </div>
      <button type="button" className={css.toggle} aria-pressed={view.changedOnly} onClick={() => onView({ ...view, changedOnly: !view.changedOnly })}>
        Changed only
      </button>
      <SessionSelect sessions={sessions} wish={wish} onWish={onWish} />
      <SampleFields sample={wish.sample} onChange={(sample) => onWish({ ...wish, sample })} />
      <span className={css.ends}>
        <IconButton label="Download what is shown (NDJSON)" disabled={!onSave} onClick={onSave}>
          <Download size={16} />
        </IconButton>
        <IconButton label="Clear" disabled={!onSave} onClick={() => tail.clear()}>
          <Trash2 size={16} />
        </IconButton>
      </span>
    </div>
  );
}

function Switches({ tail, wish }: { tail: Tail; wish: Wish }) {
  const { phase } = useCell(tail.state);
  const paused = useCell(tail.paused);
  const toasts = useToasts();
  if (phase === "off") {
    return (
      <Button kind="primary" onClick={() => tail.start(wish)}>
        <Play size={14} aria-hidden /> Start
      </Button>
    );
  }
  const turn = () => {
    if (paused) tail.resume().catch((error: unknown) => toasts.failed("The tail is still paused", error));
    else tail.pause().catch((error: unknown) => toasts.failed("The tail is not paused", error));
  };
  return (
    <>
      <Button onClick={turn} aria-pressed={paused} kind={paused ? "primary" : "plain"}>
        {paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />} {paused ? "Resume" : "Pause"}
      </Button>
      <Button onClick={() => tail.stop()}>
        <Square size={13} aria-hidden /> Stop
      </Button>
    </>
  );
}

function SessionSelect({ sessions, wish, onWish }: { sessions: readonly Session[]; wish: Wish; onWish: (wish: Wish) => void }) {
  const gone = wish.session !== undefined && !sessions.some(({ id }) => id === wish.session);
  return (
    <select
      className={css.select}
      aria-label="Session"
      value={wish.session ?? ""}
      onChange={(event) => onWish({ ...wish, session: event.target.value || undefined })}
    >
      <option value="">All sessions</option>
      {gone && <option value={wish.session}>{shortId(wish.session!)} · not connected</option>}
      {sessions.map(({ id, language, node }) => (
        <option key={id} value={id}>
          {shortId(id)} · {languageName(language)} on {node}
        </option>
      ))}
    </select>
  );
}
