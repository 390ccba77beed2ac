import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import type { Pipeline } from "../../../gen/protos/pipeline_pb";
import { useConsole } from "../../../live/context";
import { newDraft } from "../../../live/drafts";
import { Confirm } from "../../../parts/Dialog";
import { Notice, PipelineEditor } from "../editor/PipelineEditor";
import css from "./templates.module.css";
import { useSamples } from "../trial/samples";
import { TemplateCards } from "./TemplateCards";
import { type Template, templates } from "./templates";
import { useDraft } from "../editor/useDraft";
import { readPlace, withPlace } from "../editor/view";

/** Makes a pipeline: choose a template, change it, create it. */
export function NewPipeline({ template }: { template: string }) {
  const { drafts } = useConsole();
  const chosen = templates.find(({ id }) => id === template);
  if (!chosen && (template === "" || !drafts.get(newDraft))) return <Gallery />;
  return <Creation key={chosen?.id} start={(chosen ?? templates[0]!).pipeline} />;
}

function Gallery() {
  const { drafts } = useConsole();
  const [, navigate] = useLocation();
  const samples = useSamples();
  const [asked, setAsked] = useState<Template>();
  const left = drafts.get(newDraft);
  const begin = ({ id, sample }: Template) => {
    drafts.drop(newDraft);
    samples.set("", { text: sample, source: "example" });
    navigate(`/pipelines?new=${id}`);
  };
  return (
    <div className={css.gallery}>
      <Link href="/pipelines" className={css.back}>
        <ArrowLeft size={14} aria-hidden /> All pipelines
      </Link>
      <h2>New pipeline</h2>
      <p className="muted">Start from a template. Nothing runs before you attach the pipeline to an operation.</p>
      {left && (
        <Notice action="Go on with it" onAction={() => navigate("/pipelines?new=draft")}>
          You have begun “{left.pipeline.name}” and not created it.
        </Notice>
      )}
      <TemplateCards onChoose={(template) => (left ? setAsked(template) : begin(template))} />
      {left && asked !== undefined && (
        <Confirm title={`Drop “${left.pipeline.name}”?`} action="Drop it" onConfirm={() => begin(asked)} onClose={() => setAsked(undefined)}>
          <p>It has not been created yet. Another template takes its place.</p>
        </Confirm>
      )}
    </div>
  );
}

function Creation({ start }: { start: Pipeline }) {
  const [, navigate] = useLocation();
  const [params] = useSearchParams();
  const drafting = useDraft(newDraft, start, undefined);
  const samples = useSamples();
  const show = (id: string) => {
    const sample = samples.get("");
    if (sample) samples.set(id, sample);
    const place = withPlace(new URLSearchParams(), readPlace(params));
    navigate(`/pipelines/${encodeURIComponent(id)}?${place}`);
  };
  return <PipelineEditor id={newDraft} drafting={drafting} use={undefined} onSaved={show} />;
}
