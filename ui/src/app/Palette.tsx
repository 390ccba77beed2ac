import { useMemo } from "react";
import { useLocation } from "wouter";

import { usePicture } from "../live/context";
import type { Model } from "../live/model";
import { useModal } from "../parts/Dialog";
import { selectionUrl } from "../parts/selection";
import { type Choice, useListbox } from "../parts/useListbox";
import css from "./palette.module.css";
import { pages } from "./routes";

interface Entry extends Choice {
  kind: string;
  /** An address to go to, or something to do. */
  run: string | (() => void);
}

/** Search for everything and do anything, by keyboard. */
export function Palette({ onClose, onLogout }: { onClose: () => void; onLogout: () => void }) {
  const dialog = useModal(onClose);
  const [, navigate] = useLocation();
  const { model } = usePicture();
  const all = useMemo(() => entries(model, onLogout), [model, onLogout]);
  const box = useListbox(all, ({ run }) => {
    onClose();
    if (typeof run === "string") navigate(run);
    else run();
  });
  const label = "Page, service, operation, pipeline or action";
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

function entries(model: Model | undefined, onLogout: () => void): Entry[] {
  return [
    ...pages.map(({ path, label }) => ({ id: `page${path}`, kind: "Page", label, run: path })),
    { id: "new", kind: "Action", label: "New pipeline", run: "/pipelines?new" },
    { id: "new-notification", kind: "Action", label: "New notification", run: "/notifications?new" },
    { id: "upload", kind: "Action", label: "Upload a Wasm module", run: "/wasm?new" },
    { id: "new-kv", kind: "Action", label: "New key-value object", run: "/kv?new" },
    { id: "behind", kind: "Action", label: "Sessions that wait for their rules", run: "/sessions?behind" },
    { id: "connect", kind: "Action", label: "Connect an SDK", run: "/settings?sdk=go" },
    { id: "logout", kind: "Action", label: "Log out", run: onLogout },
    ...(model ? fleetEntries(model) : []),
  ];
}

function fleetEntries(model: Model): Entry[] {
  return [
    ...model.services.map(({ name }) => ({
      id: `service-${name}`,
      kind: "Service",
      label: name,
      run: selectionUrl({ kind: "service", id: name }),
    })),
    ...[...model.operations.values()].map((operation) => ({
      id: operation.key,
      kind: operation.direction === "consumer" ? "Consumer" : "Producer",
      label: operation.operation,
      hint: `${operation.service} · ${operation.component}`,
      run: selectionUrl({ kind: "op", id: operation.key }),
    })),
    ...model.components.map(({ name }) => ({
      id: `component-${name}`,
      kind: "Component",
      label: name,
      run: selectionUrl({ kind: "component", id: name }),
    })),
    ...[...model.pipelines.values()].map(({ pipeline }) => ({
      id: `pipeline-${pipeline.id}`,
      kind: "Pipeline",
      label: pipeline.name,
      run: `/pipelines/${encodeURIComponent(pipeline.id)}`,
    })),
  ];
}
