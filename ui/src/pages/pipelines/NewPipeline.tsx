import { ArrowLeft } from "lucide-react";
import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";

import { useConsole } from "../../live/context";
import { words } from "../../live/words";
import { useToasts } from "../../parts/toast";
import { Editor } from "./Editor";
import { check } from "./json";
import css from "./pipelines.module.css";
import { Steps } from "./Steps";
import { templates } from "./templates";

/** Makes a pipeline: choose a template, change it, create it. */
export function NewPipeline({ template }: { template: string }) {
  const [, navigate] = useLocation();
  const chosen = templates.find(({ id }) => id === template) ?? templates[0]!;
  return (
    <>
      <header className={css.head}>
        <div className={css.names}>
          <Link href="/pipelines" className={css.back}>
            <ArrowLeft size={14} aria-hidden /> All pipelines
          </Link>
          <h2>New pipeline</h2>
          <p className={css.meta}>Start from a template; it runs nowhere until you attach it.</p>
        </div>
      </header>
      <fieldset className={css.templates}>
        <legend className="visually-hidden">Template</legend>
        {templates.map(({ id, title, explanation }) => (
          <label key={id} className={css.template}>
            <input
              type="radio"
              name="template"
              checked={id === chosen.id}
              onChange={() => navigate(`/pipelines?new=${id}`, { replace: true })}
            />
            <strong>{title}</strong>
            <span>{explanation}</span>
          </label>
        ))}
      </fieldset>
      <Creation key={chosen.id} start={chosen.text} />
    </>
  );
}

function Creation({ start }: { start: string }) {
  const { actions } = useConsole();
  const toasts = useToasts();
  const [, navigate] = useLocation();
  const [text, setText] = useState(start);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const checked = useMemo(() => check(text), [text]);

  const create = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const id = await actions.create(text);
      toasts.done(`Created ${"pipeline" in checked ? checked.pipeline.name : id}`);
      navigate(`/pipelines/${encodeURIComponent(id)}`);
    } catch (error) {
      setProblem(words(error));
      setBusy(false);
    }
  };

  return (
    <div className={css.columns}>
      <div className={css.section}>
        <h3>Steps</h3>
        {"pipeline" in checked ? <Steps pipeline={checked.pipeline} /> : <p className="muted">The JSON is not valid yet.</p>}
      </div>
      <Editor
        text={text}
        checked={checked}
        onChange={(next) => {
          setText(next);
          setProblem(undefined);
        }}
        problem={problem}
        action="Create pipeline"
        busy={busy}
        dirty
        onSave={() => void create()}
        effect=""
      />
    </div>
  );
}
