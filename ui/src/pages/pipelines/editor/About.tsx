import { PipelineDataFormat as Format } from "../../../gen/protos/pipeline_pb";
import { changePipeline } from "./draft";
import css from "../step/form.module.css";
import { Segments, TextArea, TextInput } from "../step/inputs";
import type { Drafting } from "./useDraft";

/** What is about the whole pipeline. */
export function About({ drafting: { draft, change }, readOnly }: { drafting: Drafting; readOnly: boolean }) {
  const { name, Description, Version, Url, dataFormat } = draft.pipeline;
  const plain = dataFormat === Format.PLAINTEXT;
  return (
    <section className={css.form} aria-label="About the pipeline">
      <header className={css.head}>
        <div>
          <h3>Pipeline</h3>
          <p className={css.does}>Name and payloads</p>
        </div>
      </header>
      <fieldset disabled={readOnly} className={css.fields}>
        <TextInput label="Name" wire="name" value={name} problem={name.trim() === "" ? "The pipeline needs a name." : undefined} onChange={(next) => change((now) => changePipeline(now, { name: next }))} />
        <TextArea
          label="Description"
          wire="_description"
          rows={3}
          value={Description ?? ""}
          onChange={(text) => change((now) => changePipeline(now, { Description: text === "" ? undefined : text }))}
        />
        <TextInput
          label="Version"
          wire="_version"
          value={Version ?? ""}
          hint="For people: the server neither sets nor reads it."
          onChange={(text) => change((now) => changePipeline(now, { Version: text === "" ? undefined : text }))}
        />
        <TextInput
          label="Link"
          wire="_url"
          inputMode="url"
          placeholder="https://"
          value={Url ?? ""}
          hint="Where people find more about it."
          onChange={(text) => change((now) => changePipeline(now, { Url: text === "" ? undefined : text }))}
        />
        <Segments
          label="Payloads are"
          wire="data_format"
          value={plain ? Format.PLAINTEXT : Format.JSON}
          options={[
            [Format.JSON, "JSON"],
            [Format.PLAINTEXT, "plain text"],
          ]}
          hint={plain ? "Of the SDKs only Go’s says so to its steps; with the others plain text is looked at but not changed." : undefined}
          onChange={(next) => change((now) => changePipeline(now, { dataFormat: next }))}
        />
      </fieldset>
    </section>
  );
}
