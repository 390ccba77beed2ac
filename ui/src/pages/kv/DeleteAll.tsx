import { useState } from "react";

import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Field, Problem } from "../../parts/Field";
import { count, sentence } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { useWork } from "../../parts/useWork";
import { removeAll } from "./store";

const word = "delete all";

/** Deletes every object once the words have been typed. */
export function DeleteAll({ items, onClose, onChanged }: { items: number; onClose: () => void; onChanged: () => Promise<void> }) {
  const toasts = useToasts();
  const work = useWork();
  const [typed, setTyped] = useState("");
  const run = () =>
    work.run(async () => {
      await removeAll();
      toasts.done("Deleted all key-value objects");
      onClose();
      await onChanged();
    });
  return (
    <Dialog
      title="Delete all key-value objects?"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" disabled={work.busy || typed !== word} onClick={() => void run()}>
            Delete {count(items, "object")}
          </Button>
        </>
      }
    >
      <p>Steps that look keys up find none from then on, on every SDK at once. This cannot be undone.</p>
      <Field label={`Type “${word}” to go on`} value={typed} onChange={setTyped} data-autofocus />
      {work.problem !== undefined && <Problem>{sentence(work.problem)}</Problem>}
    </Dialog>
  );
}
