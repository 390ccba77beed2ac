import { useState } from "react";

import type { Pipeline } from "../../../gen/protos/pipeline_pb";
import { useConsole } from "../../../live/context";
import { words } from "../../../live/words";
import { useToasts } from "../../../parts/toast";
import type { Drafting } from "./useDraft";

/** Saves a draft. The server's words are about the draft that it refused, not about later ones. */
export function useSave(id: string, drafting: Drafting, onSaved: (id: string) => void) {
  const { actions, drafts } = useConsole();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<{ pipeline: Pipeline; reason: string }>();
  const [theirs, setTheirs] = useState<Pipeline>();
  const save = async () => {
    const { pipeline, base } = drafting.draft;
    setBusy(true);
    setRefused(undefined);
    try {
      const answer = await actions.save(pipeline, base);
      if (answer.conflict) return setTheirs(answer.conflict);
      const now = drafts.get(id);
      const saved = { ...pipeline, id: answer.id };
      drafting.saved(saved);
      // What was changed while the server saved is still to be saved.
      if (now && now.pipeline !== pipeline) drafts.set(answer.id, { ...now, pipeline: { ...now.pipeline, id: answer.id }, base: saved });
      toasts.done(`Saved ${pipeline.name}`);
      onSaved(answer.id);
    } catch (error) {
      setRefused({ pipeline, reason: words(error) });
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    save,
    reason: refused?.pipeline === drafting.draft.pipeline ? refused.reason : undefined,
    theirs,
    settle: () => setTheirs(undefined),
  };
}
