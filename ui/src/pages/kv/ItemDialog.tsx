import { useState } from "react";

import { useCanEdit } from "../../live/context";
import { words } from "../../live/words";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Check, Field, Problem } from "../../parts/Field";
import { sentence } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { useAsk } from "../../parts/useAsk";
import { useWork } from "../../parts/useWork";
import { create, get, remove, update } from "./store";
import { ValueField, type Written, write } from "./ValueField";
import { read } from "./view";

interface Props {
  /** The key of the object to change; undefined to make one. */
  keyName: string | undefined;
  onClose: () => void;
  onChanged: () => Promise<void>;
}

export function ItemDialog(props: Props) {
  if (props.keyName === undefined) return <NewItem {...props} />;
  return <Stored {...props} keyName={props.keyName} />;
}

function Stored({ keyName, ...rest }: Props & { keyName: string }) {
  const [asked] = useAsk(keyName, (signal) => get(keyName, signal));
  if (asked.state === "known") return <Item {...rest} keyName={keyName} value={asked.value.value} />;
  return (
    <Dialog title={keyName} onClose={rest.onClose}>
      {asked.state === "failed" ? <Problem>{sentence(asked.reason)}</Problem> : <p className="muted">Loading…</p>}
    </Dialog>
  );
}

function NewItem({ onClose, onChanged }: Props) {
  const toasts = useToasts();
  const work = useWork();
  const [key, setKey] = useState("");
  const [overwrite, setOverwrite] = useState(false);
  const [written, setWritten] = useState<Written>({ text: "", view: "text" });
  const wrong = mistake(written);
  const save = () =>
    work.run(async () => {
      await create(key, read(written.text, written.view), overwrite);
      toasts.done(`Made ${key}`);
      onClose();
      await onChanged();
    });
  return (
    <Dialog
      title="New key-value object"
      onClose={onClose}
      footer={
        <Button kind="primary" disabled={work.busy || key === "" || wrong !== undefined} onClick={() => void save()}>
          Create
        </Button>
      }
    >
      <Field label="Key" value={key} onChange={setKey} data-autofocus />
      <ValueField written={written} problem={written.text === "" ? undefined : wrong} onChange={setWritten} />
      <Check label="Replace the value if the key exists" checked={overwrite} onChange={setOverwrite} />
      {work.problem !== undefined && <Problem>{sentence(work.problem)}</Problem>}
    </Dialog>
  );
}

function Item({ keyName, value, onClose, onChanged }: Props & { keyName: string; value: Uint8Array }) {
  const toasts = useToasts();
  const canEdit = useCanEdit();
  const work = useWork();
  const [stored] = useState(() => write(value));
  const [written, setWritten] = useState(stored);
  const [sure, setSure] = useState(false);
  const wrong = mistake(written);
  const done = async (text: string) => {
    toasts.done(text);
    onClose();
    await onChanged();
  };
  const put = () =>
    work.run(async () => {
      await update(keyName, read(written.text, written.view));
      await done(`Saved ${keyName}`);
    });
  const drop = () =>
    work.run(async () => {
      await remove(keyName);
      await done(`Deleted ${keyName}`);
    });
  return (
    <Dialog
      title={keyName}
      onClose={onClose}
      footer={
        canEdit && (
          <>
            <Button kind="danger" disabled={work.busy} onClick={() => (sure ? void drop() : setSure(true))}>
              {sure ? `Delete ${keyName} for good` : "Delete"}
            </Button>
            <Button kind="primary" disabled={work.busy || wrong !== undefined || written.text === stored.text} onClick={() => void put()}>
              Save
            </Button>
          </>
        )
      }
    >
      <ValueField written={written} stored={value} problem={wrong} readOnly={!canEdit} onChange={setWritten} />
      {work.problem !== undefined && <Problem>{sentence(work.problem)}</Problem>}
    </Dialog>
  );
}

function mistake({ text, view }: Written): string | undefined {
  try {
    return read(text, view).length === 0 ? "A value cannot be empty." : undefined;
  } catch (error) {
    return words(error);
  }
}
