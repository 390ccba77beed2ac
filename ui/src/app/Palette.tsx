import { useMemo, useState } from "react";
import { useLocation, useSearchParams } from "wouter";

import { useConsole, usePicture } from "../live/context";
import { useModal } from "../parts/Dialog";
import { readSelection } from "../parts/selection";
import { applyTheme } from "../parts/theme";
import { useToasts } from "../parts/toast";
import { useListbox } from "../parts/useListbox";
import { type Doing, type Entry, entries } from "./entries";
import css from "./palette.module.css";
import { pages } from "./routes";
import { useThings } from "./things";

/** Search for everything and do anything, by keyboard. */
export function Palette({ onClose, onLogout }: { onClose: () => void; onLogout: () => void }) {
  const dialog = useModal(onClose);
  const [location, navigate] = useLocation();
  const [params] = useSearchParams();
  const { role } = useConsole();
  const { model } = usePicture();
  const pause = usePause();
  const [query, setQuery] = useState("");
  const things = useThings(query);
  const all = useMemo(() => {
    const selection = location === "/" ? readSelection(params) : undefined;
    return entries(pages, model, role, selection, { logout: onLogout, theme: applyTheme, pause }, things);
  }, [model, role, location, params, onLogout, pause, things]);
  const pick = ({ run }: Entry) => {
    onClose();
    if (typeof run === "string") navigate(run);
    else run();
  };
  const box = useListbox(all, pick, setQuery);
  const label = "Page, operation, pipeline, key, action…";
  return (
    <dialog ref={dialog} className={css.palette} aria-label="Search or command">
      <input {...box.input} className={css.input} aria-label={label} placeholder={label} autoFocus />
      <ul {...box.list} aria-label="Results" className={css.list}>
        {box.found.map((entry, index) => (
          <li key={entry.id} {...box.row(entry, index)} className={css.row}>
            <span className={css.label}>{entry.label}</span>
            {entry.hint && <span className={css.hint}>{entry.hint}</span>}
            <span className={css.kind}>{entry.kind}</span>
          </li>
        ))}
        {box.found.length === 0 && <li className={css.none}>Nothing is called “{box.query}”.</li>}
      </ul>
    </dialog>
  );
}

/** Pauses a running pipeline of an operation, resumes a paused one. */
function usePause(): Doing["pause"] {
  const { actions } = useConsole();
  const { model } = usePicture();
  const toasts = useToasts();
  return useMemo(
    () => (operation, { id, paused }) => {
      const name = model?.pipelines.get(id)?.pipeline.name ?? id;
      actions.pause(operation, id, !paused).then(
        () => toasts.done(`${paused ? "Resumed" : "Paused"} ${name} on ${operation.operation}`),
        (error: unknown) => toasts.failed(`${name} was not ${paused ? "resumed" : "paused"}`, error),
      );
    },
    [actions, model, toasts],
  );
}
