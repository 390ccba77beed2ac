import { useState } from "react";
import { Link } from "wouter";

import { usePicture } from "../../../live/context";
import type { Operation } from "../../../live/model";
import { Select } from "../../../parts/Field";
import { Picker } from "../../../parts/Picker";
import { summarize } from "../../../parts/steps";
import { useMapAddress } from "../useSelection";

const last = "";

/** Picks a pipeline and its place. */
export function Attach({ operation, onAttach }: { operation: Operation; onAttach: (id: string, place?: number) => void }) {
  const { model } = usePicture();
  const { get, set } = useMapAddress();
  const [place, setPlace] = useState(last);
  const list = operation.pipelines;
  const attached = new Set(list.map(({ id }) => id));
  const choices = [...(model?.pipelines.values() ?? [])]
    .filter(({ pipeline }) => !attached.has(pipeline.id))
    .map(({ pipeline }) => ({ id: pipeline.id, label: pipeline.name, hint: summarize(pipeline) }));
  const name = (id: string) => model?.pipelines.get(id)?.pipeline.name ?? id;
  const places = [[last, "at the end"], ["0", "first"], ...list.slice(0, -1).map(({ id }, i) => [String(i + 1), `after ${name(id)}`])] as [string, string][];
  return (
    <Picker
      label="Attach a pipeline"
      placeholder="Find a pipeline to attach"
      choices={choices}
      open={get("ask") === "attach"}
      onOpen={(open) => {
        setPlace(last);
        set("ask", open ? "attach" : "");
      }}
      onPick={({ id }) => {
        // Others may have shortened the list meanwhile; the server takes a place beyond it for the end.
        if (place === last) onAttach(id);
        else onAttach(id, Number(place));
      }}
      options={list.length > 0 && <Select label="It runs" value={place} onChange={setPlace} options={places} />}
      empty={
        <>
          {model?.pipelines.size === 0 ? "There are no pipelines yet." : "All pipelines are attached."}{" "}
          <Link href="/pipelines?new">Create one</Link>
        </>
      }
    />
  );
}
