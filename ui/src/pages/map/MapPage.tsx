import { Suspense, useEffect, useMemo, useState } from "react";

import { usePicture } from "../../live/context";
import type { Model } from "../../live/model";
import { lazily } from "../../parts/lazily";
import { useMedia } from "../../parts/useMedia";
import { Canvas } from "./Canvas";
import { MapViewContext } from "./context";
import { type Filter, isActive, matching, onlyMatching } from "./filter";
import { Highlight, HighlightContext } from "./highlight";
import { Inspector } from "./Inspector";
import css from "./map.module.css";
import { useFolding } from "./folding";
import { NoServices } from "./NoServices";
import { MapSkeleton } from "./MapSkeleton";
import { Tools } from "./Tools";
import { useMapAddress } from "./useSelection";

const ListView = lazily(() => import("./ListView"));

/** What flows, and what the rules do to it. */
export function MapPage() {
  const { model } = usePicture();
  if (!model) return <MapSkeleton />;
  if (model.services.length === 0) return <NoServices />;
  return <Fleet model={model} />;
}

function Fleet({ model }: { model: Model }) {
  const { selection, select, get, set } = useMapAddress();
  const filter = useFilter(get);
  const only = get("only") !== "";
  const narrow = useMedia("(max-width: 640px)");
  const view = get("view") || (narrow ? "list" : "graph");
  const matches = useMemo(() => (isActive(filter) ? matching(model, filter) : undefined), [model, filter]);
  const shown = useMemo(() => (matches && only ? onlyMatching(model, matches) : model), [model, matches, only]);
  const [highlight] = useState(() => new Highlight());
  const { isFolded, fold, foldAll } = useFolding();
  const mapView = useMemo(() => ({ model, selection, select, matches, fold }), [model, selection, select, matches, fold]);
  useEscape(() => select(undefined));
  return (
    <HighlightContext value={highlight}>
      <MapViewContext value={mapView}>
        <div className={css.map} data-inspecting={selection !== undefined}>
          <div className={css.left}>
            <Tools model={model} filter={filter} found={matches?.size} only={only} view={view} set={set} />
            {view === "list" ? (
              <Suspense fallback={null}>
                <ListView shown={shown} />
              </Suspense>
            ) : (
              <Canvas shown={shown} isFolded={isFolded} onFoldAll={foldAll} narrowed={shown !== model} />
            )}
          </div>
          {selection && <Inspector key={`${selection.kind}/${selection.id}`} selection={selection} />}
        </div>
      </MapViewContext>
    </HighlightContext>
  );
}

/** The filter in the address; "service" and "component" there are what is selected. */
function useFilter(get: (name: string) => string): Filter {
  const [query, service, component, language, live] = [get("q"), get("of"), get("on"), get("in"), get("live") !== ""];
  return useMemo(() => ({ query, service, component, language, live }), [query, service, component, language, live]);
}

function useEscape(onEscape: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) onEscape();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
