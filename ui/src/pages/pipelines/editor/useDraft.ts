import { equals } from "@bufbuild/protobuf";
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { type Pipeline, PipelineSchema } from "../../../gen/protos/pipeline_pb";
import { useConsole } from "../../../live/context";
import type { Draft } from "../../../live/drafts";
import { begin, isChanged } from "./draft";

export interface Drafting {
  draft: Draft;
  /** Whether there is something to save. */
  dirty: boolean;
  change: (change: (draft: Draft) => Draft) => void;
  /** Goes back to what is saved. */
  drop: () => void;
  /** Shows what was just saved until the server's picture has it. */
  saved: (pipeline: Pipeline) => void;
}

/** The draft of a pipeline: begun from what is saved, kept once it differs. */
export function useDraft(id: string, start: Pipeline, base: Pipeline | undefined): Drafting {
  const { drafts } = useConsole();
  useSyncExternalStore(drafts.subscribe, drafts.snapshot);
  const [settled, setSettled] = useState<{ over: Pipeline; pipeline: Pipeline }>();
  const known = settled?.over === base ? settled?.pipeline : undefined;
  const keys = useRef<readonly string[]>([]);
  const fresh = useMemo(() => keep(begin(known ?? start, base && (known ?? base)), keys.current), [known, start, base]);
  const kept = drafts.get(id);
  const draft = kept ?? fresh;
  keys.current = draft.keys;
  const change = useCallback(
    (work: (draft: Draft) => Draft) => {
      const next = work(drafts.get(id) ?? fresh);
      if (isChanged(next)) drafts.set(id, next);
      else drafts.drop(id);
    },
    [drafts, id, fresh],
  );
  return {
    draft,
    dirty: kept !== undefined,
    change,
    drop: () => drafts.drop(id),
    saved: (pipeline) => {
      if (base) setSettled({ over: base, pipeline });
      drafts.drop(id);
    },
  };
}

/** The draft with the keys that its steps had on the page, so that saving does not make their forms anew. */
function keep(draft: Draft, keys: readonly string[]): Draft {
  return keys.length === draft.keys.length ? { ...draft, keys } : draft;
}

/** The same object for as long as pictures bring the same pipeline. */
export function useStable(pipeline: Pipeline): Pipeline;
export function useStable(pipeline: Pipeline | undefined): Pipeline | undefined;
export function useStable(pipeline: Pipeline | undefined): Pipeline | undefined {
  const last = useRef(pipeline);
  if (pipeline !== last.current && !(pipeline && last.current && equals(PipelineSchema, pipeline, last.current))) last.current = pipeline;
  return last.current;
}
