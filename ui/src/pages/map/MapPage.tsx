import { Filter as FilterIcon, List, Map as MapIcon } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useState } from "react";

import { usePicture } from "../../live/context";
import type { Model } from "../../live/model";
import { count } from "../../parts/text";
import { Canvas } from "./Canvas";
import { MapViewContext } from "./context";
import { isActive, matching, onlyMatching } from "./filter";
import { Highlight, HighlightContext } from "./highlight";
import { Inspector } from "./Inspector";
import { ListView } from "./ListView";
import css from "./map.module.css";
import { useFolding } from "./folding";
import { NoServices } from "./NoServices";
import { MapSkeleton } from "./MapSkeleton";
import { useMapAddress } from "./useSelection";

/** What flows, and what the rules do to it. */
export function MapPage() {
  const { model } = usePicture();
  if (!model) return <MapSkeleton />;
  if (model.services.length === 0) return <NoServices />;
  return <Fleet model={model} />;
}

function Fleet({ model }: { model: Model }) {
  const { selection, select, get, set } = useMapAddress();
  const query = get("q");
  const live = get("live") !== "";
  const only = get("only") !== "";
  const view = get("view") || (matchMedia("(max-width: 640px)").matches ? "list" : "graph");
  const matches = useMemo(() => {
    const filter = { query, live };
    return isActive(filter) ? matching(model, filter) : undefined;
  }, [model, query, live]);
  const shown = useMemo(() => (matches && only ? onlyMatching(model, matches) : model), [model, matches, only]);
  const [highlight] = useState(() => new Highlight());
  const { isFolded, fold } = useFolding();
  const mapView = useMemo(() => ({ model, selection, select, matches, fold }), [model, selection, select, matches, fold]);
  useEscape(() => select(undefined));
  return (
    <HighlightContext value={highlight}>
      <MapViewContext value={mapView}>
        <div className={css.map} data-inspecting={selection !== undefined}>
          <div className={css.left}>
            <div className={css.tools}>
              <label className={css.filter}>
                <FilterIcon size={14} aria-hidden />
                <span className="visually-hidden">Filter the map</span>
                <input
                  type="search"
                  placeholder="Filter by any name"
                  spellCheck={false}
                  value={query}
                  onChange={(event) => set("q", event.target.value)}
                />
              </label>
              <Toggle pressed={live} onChange={(on) => set("live", on ? "1" : "")}>
                Only live
              </Toggle>
              <Toggle pressed={only} disabled={!matches} onChange={(on) => set("only", on ? "1" : "")}>
                Hide others
              </Toggle>
              <span className={css.counts} role="status">
                {matches
                  ? `${matches.size} of ${count(model.operations.size, "operation")}`
                  : `${count(model.services.length, "service")}, ${count(model.operations.size, "operation")}, ${count(model.sessions, "live session")}`}
              </span>
              <div className={css.views} role="group" aria-label="View">
                <Toggle pressed={view === "graph"} onChange={() => set("view", "graph")} label="Graph">
                  <MapIcon size={15} aria-hidden />
                </Toggle>
                <Toggle pressed={view === "list"} onChange={() => set("view", "list")} label="List">
                  <List size={15} aria-hidden />
                </Toggle>
              </div>
            </div>
            {view === "list" ? <ListView shown={shown} /> : <Canvas shown={shown} isFolded={isFolded} narrowed={shown !== model} />}
          </div>
          {selection && <Inspector key={`${selection.kind}/${selection.id}`} selection={selection} />}
        </div>
      </MapViewContext>
    </HighlightContext>
  );
}

interface ToggleProps {
  pressed: boolean;
  onChange: (pressed: boolean) => void;
  disabled?: boolean;
  label?: string;
  children: ReactNode;
}

function Toggle({ pressed, onChange, disabled, label, children }: ToggleProps) {
  return (
    <button
      type="button"
      className={css.toggle}
      aria-pressed={pressed}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={() => onChange(!pressed)}
    >
      {children}
    </button>
  );
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
