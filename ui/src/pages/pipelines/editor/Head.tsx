import { ArrowLeft, CopyPlus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { type Pipeline, PipelineDataFormat } from "../../../gen/protos/pipeline_pb";
import { useCanEdit, useConsole } from "../../../live/context";
import { newDraft } from "../../../live/drafts";
import type { PipelineUse } from "../../../live/model";
import { Ago } from "../../../parts/Ago";
import { Button, IconButton } from "../../../parts/Button";
import { Confirm } from "../../../parts/Dialog";
import { Heading } from "../../../parts/Heading";
import { Deletion } from "./Deletion";
import { begin, copyOf } from "./draft";
import css from "./editor.module.css";
import { ExportButton } from "../exchange/Exchange";
import { usePlace, type View } from "./view";

interface Props {
  pipeline: Pipeline;
  /** Where it runs; undefined for one that is not saved yet. */
  use: PipelineUse | undefined;
}

/** The name of the pipeline, what there is to know of it, and the choice of a view. */
export function Head({ pipeline, use }: Props) {
  const canEdit = useCanEdit();
  const { place, go } = usePlace();
  const [asking, setAsking] = useState(false);
  const updated = Number(pipeline.UpdatedAtUnixTsUtc ?? pipeline.CreatedAtUnixTsUtc ?? 0n) * 1_000;
  return (
    <header className={css.head}>
      <Link href="/pipelines" className={css.back} aria-label="All pipelines">
        <ArrowLeft size={16} aria-hidden />
      </Link>
      <div className={css.names}>
        <Heading name={pipeline.name || "Pipeline without a name"} />
        <p className={css.meta}>
          <span>{pipeline.dataFormat === PipelineDataFormat.PLAINTEXT ? "Plain text" : "JSON"}</span>
          {use === undefined && <span>not saved yet</span>}
          {updated > 0 && <span>changed <Ago at={updated} /></span>}
          {pipeline.Version && <span className="truncate">version {pipeline.Version}</span>}
          {pipeline.Url && <Outside url={pipeline.Url} />}
          {pipeline.CreatedBy && <span>made by {pipeline.CreatedBy}</span>}
          {use && <span className="mono truncate">{pipeline.id}</span>}
        </p>
      </div>
      <div className={css.tools}>
        <Views view={place.view} onChange={(view) => go({ view })} />
        {use && <ExportButton pipeline={pipeline} />}
        {use && canEdit && <Duplicate pipeline={pipeline} />}
        {use && canEdit && (
          <Button kind="danger" onClick={() => setAsking(true)}>
            <Trash2 size={14} aria-hidden />
            Delete
          </Button>
        )}
      </div>
      {asking && use && <Deletion use={use} onClose={() => setAsking(false)} />}
    </header>
  );
}

/** A link that somebody gave to a pipeline; only to the web, whatever they wrote. */
function Outside({ url }: { url: string }) {
  if (!/^https?:\/\//i.test(url)) return <span className="truncate">{url}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer" className="truncate" title={url}>
      {url}
    </a>
  );
}

/** Begins a new pipeline with the steps of this one. */
function Duplicate({ pipeline }: { pipeline: Pipeline }) {
  const { drafts } = useConsole();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const left = drafts.get(newDraft);
  const duplicate = () => {
    drafts.set(newDraft, begin(copyOf(pipeline)));
    navigate("/pipelines?new=draft&step=about");
  };
  return (
    <>
      <IconButton label="Duplicate the pipeline" onClick={() => (left ? setAsking(true) : duplicate())}>
        <CopyPlus size={16} />
      </IconButton>
      {asking && (
        <Confirm title={`Drop “${left?.pipeline.name}”?`} action="Drop it" onConfirm={duplicate} onClose={() => setAsking(false)}>
          <p>It has been begun and not created yet. The duplicate takes its place.</p>
        </Confirm>
      )}
    </>
  );
}

const views: readonly (readonly [View, string])[] = [
  ["form", "Form"],
  ["json", "JSON"],
];

function Views({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  return (
    <div className={css.views} role="group" aria-label="View">
      {views.map(([id, label]) => (
        <button key={id} type="button" aria-pressed={id === view} onClick={() => onChange(id)}>
          {label}
        </button>
      ))}
    </div>
  );
}
