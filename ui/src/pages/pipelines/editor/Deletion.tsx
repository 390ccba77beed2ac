import { useState } from "react";
import { useLocation } from "wouter";

import { useConsole } from "../../../live/context";
import type { PipelineUse } from "../../../live/model";
import { words } from "../../../live/words";
import { Confirm } from "../../../parts/Dialog";
import { count } from "../../../parts/text";
import { useToasts } from "../../../parts/toast";

/** Asks before a pipeline is deleted, and names who uses it. */
export function Deletion({ use: { pipeline, operations }, onClose }: { use: PipelineUse; onClose: () => void }) {
  const { actions, drafts } = useConsole();
  const toasts = useToasts();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const remove = async () => {
    setBusy(true);
    try {
      await actions.delete(pipeline.id);
      drafts.drop(pipeline.id);
      toasts.done(`Deleted ${pipeline.name}`);
      navigate("/pipelines");
    } catch (error) {
      setProblem(words(error));
      setBusy(false);
    }
  };
  return (
    <Confirm
      title={`Delete ${pipeline.name}?`}
      action="Delete pipeline"
      busy={busy}
      problem={problem}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      {operations.length === 0 ? (
        <p>No operation uses it. This cannot be undone.</p>
      ) : (
        <>
          <p>
            {count(operations.length, "operation")} will stop using it at once; their messages then pass without its steps.
            This cannot be undone.
          </p>
          <ul>
            {operations.map(({ key, operation, service, sessions }) => (
              <li key={key}>
                {operation} of {service} · {sessions.length} live
              </li>
            ))}
          </ul>
        </>
      )}
    </Confirm>
  );
}
