import { useMemo, useState } from "react";
import { useLocation } from "wouter";

import { useConsole, usePicture } from "../../../live/context";
import { words } from "../../../live/words";
import { Button } from "../../../parts/Button";
import { Dialog } from "../../../parts/Dialog";
import { count } from "../../../parts/text";
import { useToasts } from "../../../parts/toast";
import { type Choice, type Entry, type Item, itemsOf, proposalFor, requestFor } from "./exchange";
import css from "./import.module.css";
import { ImportItem, type Outcome } from "./ImportItem";
import { useChecks } from "./useChecks";

interface Props {
  entries: readonly Entry[];
  /** What else is in the files, which is left alone. */
  others: readonly string[];
  onClose: () => void;
}

/** What files would create and replace, with a choice for each pipeline. */
export function ImportPreview({ entries, others, onClose }: Props) {
  const { model } = usePicture();
  // What is saved changes the picture; the preview stays what was decided on.
  const [items] = useState(() => itemsOf(entries, [...(model?.pipelines.values() ?? [])]));
  const { checks, missing } = useChecks(items);
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({});
  const choiceOf = (item: Item) => (checks[item.key]?.state === "refused" ? "skip" : (choices[item.key] ?? proposalFor(item)));
  const saving = useSaving(onClose);
  const wanted = items.filter((item) => choiceOf(item) !== "skip" && saving.outcomes[item.key]?.state !== "saved");
  const checking = items.some(({ key }) => checks[key]?.state === "checking");
  return (
    <Dialog
      wide
      title={title(items)}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{saving.begun ? "Close" : "Cancel"}</Button>
          <Button
            kind="primary"
            disabled={wanted.length === 0 || checking || saving.busy}
            onClick={() => void saving.save(wanted.map((item) => [item, choiceOf(item)]))}
          >
            {checking ? "Checking …" : `Import ${count(wanted.length, "pipeline")}`}
          </Button>
        </>
      }
    >
      <p className={css.note}>Pipelines that are replaced change at once wherever they are attached. New ones run nowhere until they are attached.</p>
      {others.length > 0 && <p className={css.note}>Only pipelines are imported. The file also has {others.join(", ")}, which stay as they are here.</p>}
      <ol className={css.items} aria-label="Pipelines in the file">
        {items.map((item) => (
          <ImportItem
            key={item.key}
            item={item}
            check={checks[item.key]}
            missing={missing[item.key] ?? []}
            choice={choiceOf(item)}
            outcome={saving.outcomes[item.key]}
            locked={saving.busy}
            onChoose={(choice) => setChoices({ ...choices, [item.key]: choice })}
          />
        ))}
      </ol>
    </Dialog>
  );
}

function title(items: readonly Item[]): string {
  const [only] = items;
  return items.length === 1 ? `Import ${only!.name}` : `Import ${count(items.length, "pipeline")}`;
}

/** Saves items one after another, so that each has its own answer. */
function useSaving(onClose: () => void) {
  const { console } = useConsole();
  const toasts = useToasts();
  const [, navigate] = useLocation();
  const [outcomes, setOutcomes] = useState<Readonly<Record<string, Outcome>>>({});
  const [busy, setBusy] = useState(false);
  const begun = useMemo(() => Object.keys(outcomes).length > 0, [outcomes]);
  const save = async (wanted: readonly (readonly [Item, Choice])[]) => {
    setBusy(true);
    let failed = false;
    let last = "";
    for (const [item, choice] of wanted) {
      const tell = (outcome: Outcome) => setOutcomes((now) => ({ ...now, [item.key]: outcome }));
      tell({ state: "saving" });
      try {
        const { pipelineId, conflict } = await console.savePipeline(requestFor(item, choice));
        if (conflict) throw new Error("somebody else saved it meanwhile. Import the file again to see what it would replace now");
        last = pipelineId;
        tell({ state: "saved", choice });
      } catch (error) {
        failed = true;
        tell({ state: "failed", reason: words(error) });
      }
    }
    setBusy(false);
    if (failed) return;
    toasts.done(`Imported ${wanted.length === 1 ? wanted[0]![0].name : count(wanted.length, "pipeline")}`);
    onClose();
    if (wanted.length === 1) navigate(`/pipelines/${encodeURIComponent(last)}`);
  };
  return { outcomes, busy, begun, save };
}
