import { Trash2 } from "lucide-react";
import type { ReactNode } from "react";

import { useCanEdit } from "../../live/context";
import { Button } from "../../parts/Button";
import { Confirm } from "../../parts/Dialog";
import { useToasts } from "../../parts/toast";
import { useWork } from "../../parts/useWork";
import css from "./inspector.module.css";
import { useMapAddress } from "./useSelection";

interface Props {
  /** "operation" or "service". */
  kind: string;
  name: string;
  remove: () => Promise<void>;
  /** What it touches. */
  children: ReactNode;
}

/** A panel's foot that deletes what the panel is about, after a second, deliberate step. */
export function Deletion({ kind, name, remove, children }: Props) {
  const { get, set, select } = useMapAddress();
  const toasts = useToasts();
  const canEdit = useCanEdit();
  const work = useWork();
  if (!canEdit) return null;
  const run = () =>
    work.run(async () => {
      await remove();
      toasts.done(`Deleted ${name}`);
      select(undefined);
    });
  return (
    <footer className={css.foot}>
      <Button kind="quiet" onClick={() => set("ask", "delete")}>
        <Trash2 size={14} aria-hidden />
        Delete {kind}
      </Button>
      {get("ask") === "delete" && (
        <Confirm
          title={`Delete ${name}?`}
          action={`Delete ${name}`}
          busy={work.busy}
          problem={work.problem}
          onConfirm={() => void run()}
          onClose={() => {
            work.clear();
            set("ask", "");
          }}
        >
          {children}
        </Confirm>
      )}
    </footer>
  );
}
