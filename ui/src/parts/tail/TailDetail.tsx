import { Check, Columns2, Copy, Filter } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useState } from "react";

import { usePicture } from "../../live/context";
import type { Message, Payload } from "../../live/tail/message";
import { Button } from "../Button";
import { copy } from "../copy";
import { JsonDiff } from "../JsonDiff";
import { pretty } from "../pretty";
import { bytes, moment } from "../text";
import { useToasts } from "../toast";
import { Bulk, Hex } from "./Bulk";
import { base64 } from "./ndjson";
import css from "./tail-detail.module.css";

// Comparing more would hold the page up.
const mostCompared = 128 << 10;

interface Props {
  message: Message;
  /** Side by side; undefined where there is no room for it. */
  split: boolean | undefined;
  onSplit: (split: boolean) => void;
  /** Shows messages of this session only; undefined when that is so. */
  onSession: (() => void) | undefined;
}

/** A message in full, before and after. */
export function TailDetail({ message, split, onSplit, onSession }: Props) {
  const { model } = usePicture();
  const { before, after, changed, pipeline, session, time } = message;
  return (
    <div className={css.detail}>
      <div className={css.head}>
        <dl className={css.facts}>
          <Fact name="Processed"><span title={new Date(time).toISOString()}>{moment(time)}</span></Fact>
          <Fact name="Session">
            <code>{session}</code>
          </Fact>
          {pipeline && <Fact name="Pipeline">{model?.pipelines.get(pipeline)?.pipeline.name ?? pipeline}</Fact>}
          <Fact name="Size">
            {bytes(before.whole)}
            {after && changed && ` → ${bytes(after.whole)}`}
          </Fact>
        </dl>
        <div className={css.tools}>
          {onSession && (
            <Button kind="quiet" onClick={onSession}>
              <Filter size={14} aria-hidden /> Only this session
            </Button>
          )}
          {split !== undefined && changed && (
            <Button kind="quiet" aria-pressed={split} onClick={() => onSplit(!split)}>
              <Columns2 size={14} aria-hidden /> Side by side
            </Button>
          )}
          <CopyButton label={changed ? "Copy before" : "Copy"} payload={before} />
          {changed && after && <CopyButton label="Copy after" payload={after} />}
        </div>
      </div>
      {[before, ...(changed && after ? [after] : [])].map((payload, i) => (
        <Cut key={i} payload={payload} name={i === 0 ? "before" : "after"} />
      ))}
      <Body message={message} split={split ?? false} />
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Cut({ payload, name }: { payload: Payload; name: string }) {
  if (payload.whole <= payload.size) return null;
  return <p className={css.note}>{`The data ${name} is longer than the server shows: the first ${bytes(payload.size)} of ${bytes(payload.whole)}.`}</p>;
}

function Body({ message, split }: { message: Message; split: boolean }) {
  const { before, after, changed } = message;
  const small = before.size + (after?.size ?? 0) <= mostCompared;
  if (before.size === 0 && after === undefined) return <p className={css.note}>The message is empty.</p>;
  if (after === undefined || !changed) {
    const note = after === undefined ? "The SDK sent nothing after processing: it runs no pipelines here, or they left nothing." : "No pipeline changed it.";
    return (
      <>
        <p className={css.note}>{note}</p>
        <Data label="Data" payload={before} />
      </>
    );
  }
  if (small && before.text !== undefined && after.text !== undefined) {
    return <JsonDiff label="Before and after" before={before.text} after={after.text} split={split} same="Only the way in which it is written differs, not what it says." />;
  }
  return (
    <div className={css.both} data-split={split}>
      <Data label="Before" payload={before} />
      <Data label="After" payload={after} />
    </div>
  );
}

function Data({ label, payload }: { label: string; payload: Payload }) {
  const text = useMemo(() => (payload.text === undefined ? undefined : pretty(payload.text)), [payload]);
  return text === undefined ? <Hex label={label} data={payload.binary!} /> : <Bulk label={label} text={text} />;
}

const shown = 1_500;

function CopyButton({ label, payload }: { label: string; payload: Payload }) {
  const toasts = useToasts();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), shown);
    return () => clearTimeout(timer);
  }, [copied]);
  const run = () => {
    copy(payload.text ?? base64(payload.binary!)).then(
      () => setCopied(true),
      (error: unknown) => toasts.failed("Nothing was copied", error),
    );
  };
  return (
    <Button kind="quiet" onClick={run} title={payload.text === undefined ? "As base64, because it is not text" : undefined}>
      {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />} {copied ? "Copied" : label}
    </Button>
  );
}
