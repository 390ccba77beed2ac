import { ArrowLeft, Trash2 } from "lucide-react";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Link, useLocation } from "wouter";

import { type Pipeline, PipelineDataFormat } from "../../gen/protos/pipeline_pb";
import { useCanEdit, useConsole } from "../../live/context";
import type { PipelineUse } from "../../live/model";
import { words } from "../../live/words";
import { Button } from "../../parts/Button";
import { Confirm } from "../../parts/Dialog";
import { Empty } from "../../parts/Empty";
import { age, count } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { Editor } from "./Editor";
import { check, editableText, updateText } from "./json";
import css from "./pipelines.module.css";
import { Steps } from "./Steps";
import { UsedBy } from "./UsedBy";

// A pipeline that was just made reaches the stream a moment after its creation was confirmed.
const patience = 2_000;

export function PipelineDetail({ id, use }: { id: string; use: PipelineUse | undefined }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patience);
    return () => clearTimeout(timer);
  }, []);
  if (use) return <Known use={use} />;
  if (!late) return null;
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
  const { pipeline } = use;
  const saved = useMemo(() => editableText(pipeline), [pipeline]);
  const draft = useDraft(pipeline.id, saved);
  const checked = useMemo(() => check(draft.text), [draft.text]);
  const { busy, problem, save } = useSave(pipeline, draft, "pipeline" in checked ? checked.pipeline.name : "");
  const sessions = new Set(use.operations.flatMap((operation) => operation.sessions)).size;
  const reach = use.operations.length === 0 ? "no operation" : `${count(use.operations.length, "operation")}, ${count(sessions, "live session")}`;
  const overtaken = draft.dirty && draft.base !== saved;
  return (
    <>
      <Head use={use} />
      <div className={css.columns}>
        <div>
          <div className={css.section}>
            <h3>Steps</h3>
            {"pipeline" in checked ? <Steps pipeline={checked.pipeline} /> : <Steps pipeline={pipeline} />}
          </div>
          <div className={css.section}>
            <h3>{use.operations.length > 0 ? `Used by ${reach}` : "Not attached yet"}</h3>
            <UsedBy use={use} />
          </div>
        </div>
        <Editor
          text={draft.text}
          checked={checked}
          onChange={draft.change}
          problem={problem}
          action="Save"
          busy={busy}
          dirty={draft.dirty}
          onSave={() => void save()}
          onDiscard={draft.drop}
          effect={draft.dirty ? `Unsaved · affects ${reach}` : "Saved"}
          notice={
            overtaken && (
              <div className={css.notice} role="alert">
                <span>Somebody else saved this pipeline while you were changing it. Saving replaces their version.</span>
                <Button kind="quiet" onClick={draft.drop}>
                  Load theirs
                </Button>
              </div>
            )
          }
        />
      </div>
    </>
  );
}

/** The text being edited: the saved one until it is changed. */
function useDraft(id: string, saved: string) {
  const { drafts } = useConsole();
  useSyncExternalStore(drafts.subscribe, drafts.snapshot);
  const draft = drafts.get(id);
  const dirty = draft !== undefined;
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
  return {
    text: draft?.text ?? saved,
    base: draft?.base ?? saved,
    dirty,
    change: (text: string) => (text === saved ? drafts.drop(id) : drafts.set(id, { text, base: draft?.base ?? saved })),
    drop: () => drafts.drop(id),
  };
}

function useSave(pipeline: Pipeline, draft: ReturnType<typeof useDraft>, name: string) {
  const { actions } = useConsole();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<{ text: string; reason: string }>();
  const save = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await actions.update(updateText(draft.text, pipeline));
      draft.drop();
      toasts.done(`Saved ${name}`);
    } catch (error) {
      setFailure({ text: draft.text, reason: words(error) });
    } finally {
      setBusy(false);
    }
  };
  // The server's words are about the text that it refused, not about later ones.
  return { busy, save, problem: failure?.text === draft.text ? failure.reason : undefined };
}

function Head({ use: { pipeline, operations } }: { use: PipelineUse }) {
  const canEdit = useCanEdit();
  const [asking, setAsking] = useState(false);
  const updated = Number(pipeline.UpdatedAtUnixTsUtc ?? pipeline.CreatedAtUnixTsUtc ?? 0n) * 1_000;
  return (
    <header className={css.head}>
      <div className={css.names}>
        <Link href="/pipelines" className={css.back}>
          <ArrowLeft size={14} aria-hidden /> All pipelines
        </Link>
        <h2>{pipeline.name}</h2>
        <p className={css.meta}>
          <span>{pipeline.dataFormat === PipelineDataFormat.PLAINTEXT ? "Plain text" : "JSON"} messages</span>
          {updated > 0 && <span title={new Date(updated).toISOString()}>changed {age(Date.now() - updated)} ago</span>}
          <span className="mono">{pipeline.id}</span>
        </p>
        {pipeline.Description && <p className={css.meta}>{pipeline.Description}</p>}
      </div>
      <Button kind="danger" disabled={!canEdit} onClick={() => setAsking(true)}>
        <Trash2 size={14} aria-hidden />
        Delete
      </Button>
      {asking && <Deletion use={{ pipeline, operations }} onClose={() => setAsking(false)} />}
    </header>
  );
}

function Deletion({ use: { pipeline, operations }, onClose }: { use: PipelineUse; onClose: () => void }) {
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
