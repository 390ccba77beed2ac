import { Plus } from "lucide-react";
import { useMemo, useState, useSyncExternalStore } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import { useCanEdit, useConsole, usePicture } from "../../live/context";
import { newDraft } from "../../live/drafts";
import type { Model, PipelineUse } from "../../live/model";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Master, MasterBones, MasterRow } from "../../parts/Master";
import { search } from "../../parts/search";
import { SearchBox } from "../../parts/SearchBox";
import { summarize } from "../../parts/steps";
import { count } from "../../parts/text";
import { useChosen } from "../../parts/useChosen";
import { ExchangeButtons, ImportArea } from "./exchange/Exchange";
import { NewPipeline } from "./templates/NewPipeline";
import { PipelineDetail } from "./PipelineDetail";
import css from "./pipelines.module.css";

export const newPipelineUrl = "/pipelines?new";

/** The rules: find, make, change and delete them. */
export default function PipelinesPage() {
  const { model } = usePicture();
  const [params] = useSearchParams();
  const [query, setQuery] = useState("");
  const [, navigate] = useLocation();
  const canEdit = useCanEdit();
  const making = canEdit ? params.get("new") : null;
  const chosen = useChosen("id");
  return (
    <ImportArea>
      <Master
        title="All pipelines"
        href="/pipelines"
        open={chosen !== undefined || making !== null}
        roomy
        tools={
          <>
            <SearchBox label="Find a pipeline" value={query} onChange={setQuery} />
            {canEdit && (
              <Button kind="primary" onClick={() => navigate(newPipelineUrl)}>
                <Plus size={15} aria-hidden />
                New
              </Button>
            )}
          </>
        }
        list={<List model={model} query={query} chosen={chosen} making={making !== null} />}
        foot={<ExchangeButtons />}
      >
        <Main model={model} chosen={chosen} making={making} />
      </Master>
    </ImportArea>
  );
}

function Main({ model, chosen, making }: { model: Model | undefined; chosen: string | undefined; making: string | null }) {
  const canEdit = useCanEdit();
  if (making !== null) return <NewPipeline template={making} />;
  if (!model) return null;
  if (chosen !== undefined) return <PipelineDetail key={chosen} id={chosen} use={model.pipelines.get(chosen)} />;
  if (model.pipelines.size > 0) {
    return (
      <Empty title="Choose a pipeline">
        <p>A pipeline is an ordered list of steps that SDKs run on each message of the operations it is attached to.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No pipelines yet">
      <p>
        A pipeline is an ordered list of steps that SDKs run on each message of the operations it is attached to: find
        e-mail addresses and mask them, for example.
      </p>
      {canEdit && <Link href={newPipelineUrl}>Make the first one from a template</Link>}
    </Empty>
  );
}

function List({ model, query, chosen, making }: { model: Model | undefined; query: string; chosen: string | undefined; making: boolean }) {
  const { drafts } = useConsole();
  useSyncExternalStore(drafts.subscribe, drafts.snapshot);
  const found = useMemo(
    () => search([...(model?.pipelines.values() ?? [])], query, ({ pipeline }) => `${pipeline.name} ${pipeline.id} ${summarize(pipeline)}`),
    [model, query],
  );
  return (
    <>
      <ul>
        {drafts.get(newDraft) && <NewRow name={drafts.get(newDraft)!.pipeline.name} current={making} />}
        {model ? (
          found.map((use) => (
            <Row
              key={use.pipeline.id}
              use={use}
              current={use.pipeline.id === chosen}
              unsaved={drafts.get(use.pipeline.id) !== undefined}
            />
          ))
        ) : (
          MasterBones()
        )}
      </ul>
      {model && found.length === 0 && query !== "" && <p>No pipeline is called “{query}”.</p>}
    </>
  );
}

function Row({ use: { pipeline, operations }, current, unsaved }: { use: PipelineUse; current: boolean; unsaved: boolean }) {
  const uses = operations.length > 0 ? count(operations.length, "operation") : "not attached";
  return (
    <MasterRow
      href={`/pipelines/${encodeURIComponent(pipeline.id)}`}
      current={current}
      name={pipeline.name}
      end={
        <>
          {unsaved && <Unsaved />} {uses}
        </>
      }
      line={summarize(pipeline)}
    />
  );
}

/** The pipeline that somebody has begun and not created. */
function NewRow({ name, current }: { name: string; current: boolean }) {
  return <MasterRow href="/pipelines?new=draft" current={current} name={name || "Without a name"} end={<Unsaved />} line="not created yet" />;
}

function Unsaved() {
  return <span className={css.unsaved}>unsaved</span>;
}
