import { useEffect, useState } from "react";
import { Link } from "wouter";

import type { Pipeline } from "../../gen/protos/pipeline_pb";
import { useConsole } from "../../live/context";
import type { PipelineUse } from "../../live/model";
import { Empty } from "../../parts/Empty";
import { Notice, PipelineEditor } from "./editor/PipelineEditor";
import { useDraft, useStable } from "./editor/useDraft";

// A pipeline that was just made reaches the stream a moment after its creation was confirmed.
const patience = 2_000;

/** One pipeline that the server has, or had when somebody began to change it. */
export function PipelineDetail({ id, use }: { id: string; use: PipelineUse | undefined }) {
  const { drafts } = useConsole();
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (late) return;
    const timer = setTimeout(() => setLate(true), patience);
    return () => clearTimeout(timer);
  }, [late]);
  const left = drafts.get(id)?.pipeline;
  if (use) return <Known use={use} />;
  if (!late) return null;
  if (left) return <Left id={id} pipeline={left} onSaved={() => setLate(false)} />;
  return (
    <Empty title="This pipeline does not exist">
      <p>
        The server knows no pipeline with the id <code>{id}</code>. It may have been deleted.{" "}
        <Link href="/pipelines">All pipelines</Link>
      </p>
    </Empty>
  );
}

function Known({ use }: { use: PipelineUse }) {
  const pipeline = useStable(use.pipeline);
  const drafting = useDraft(pipeline.id, pipeline, pipeline);
  return <PipelineEditor id={pipeline.id} drafting={drafting} use={use} onSaved={() => undefined} />;
}

/** Changes of a pipeline that somebody else has deleted. */
function Left({ id, pipeline, onSaved }: { id: string; pipeline: Pipeline; onSaved: () => void }) {
  const drafting = useDraft(id, pipeline, undefined);
  const free = { ...drafting, draft: { ...drafting.draft, base: undefined } };
  return (
    <PipelineEditor
      id={id}
      drafting={free}
      use={undefined}
      onSaved={onSaved}
      notice={
        <Notice action="Drop my changes" onAction={drafting.drop}>
          Somebody else deleted this pipeline while you changed it. Creating it again brings it back with your changes.
        </Notice>
      }
    />
  );
}
