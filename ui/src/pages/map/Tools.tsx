import { List, Map as MapIcon, SlidersHorizontal } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";

import type { Model } from "../../live/model";
import { languageName } from "../../parts/Language";
import { SearchBox } from "../../parts/SearchBox";
import { count } from "../../parts/text";
import type { Filter } from "./filter";
import css from "./tools.module.css";

interface Props {
  model: Model;
  filter: Filter;
  /** How many operations match while a filter is active. */
  found: number | undefined;
  only: boolean;
  view: string;
  /** Sets or (with "") clears one parameter of the address. */
  set: (name: string, value: string) => void;
}

/** What is shown of the map, and how. */
export function Tools({ model, filter, found, only, view, set }: Props) {
  const [open, setOpen] = useState(false);
  const chosen = [filter.service, filter.component, filter.language].filter(Boolean).length + Number(filter.live) + Number(only);
  return (
    <div className={css.tools}>
      <div className={css.filter}>
        <SearchBox filter label="Filter the map" placeholder="Filter by any name" value={filter.query} onChange={(query) => set("q", query)} />
      </div>
      <span className={css.unfold}>
        <Toggle pressed={open} onChange={setOpen}>
          <SlidersHorizontal size={14} aria-hidden />
          Filters{chosen > 0 && ` (${chosen})`}
        </Toggle>
      </span>
      <div className={css.more} data-open={open}>
        <Choices model={model} filter={filter} set={set} />
        <Toggle pressed={filter.live} onChange={(on) => set("live", on ? "1" : "")}>
          Only live
        </Toggle>
        <Toggle pressed={only} disabled={found === undefined} onChange={(on) => set("only", on ? "1" : "")}>
          Only matches
        </Toggle>
      </div>
      <span className={css.counts} role="status" data-narrowed={found !== undefined}>
        {found !== undefined
          ? `${found} of ${count(model.operations.size, "operation")}`
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
  );
}

function Choices({ model, filter, set }: Pick<Props, "model" | "filter" | "set">) {
  const languages = useMemo(() => [...new Set(model.services.flatMap((service) => service.languages.map(languageName)))].sort(), [model]);
  const named = (things: readonly { name: string }[]) => things.map(({ name }) => name);
  return (
    <>
      <Choice label="Service" names={named(model.services)} value={filter.service} onChange={(name) => set("of", name)} />
      <Choice label="Component" names={named(model.components)} value={filter.component} onChange={(name) => set("on", name)} />
      <Choice label="Language" names={languages} value={filter.language} onChange={(name) => set("in", name)} />
    </>
  );
}

interface ChoiceProps {
  label: string;
  names: readonly string[];
  value: string;
  onChange: (name: string) => void;
}

function Choice({ label, names, value, onChange }: ChoiceProps) {
  // A name from the address that nothing bears now is still what is asked for.
  const known = names.find((one) => one.toLowerCase() === value.toLowerCase()) ?? value;
  const all = known === "" || names.includes(known) ? names : [known, ...names];
  return (
    <select
      className={css.choice}
      aria-label={label}
      data-chosen={known !== ""}
      value={known}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">Any {label.toLowerCase()}</option>
      {all.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
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
