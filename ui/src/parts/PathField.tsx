import { ChevronDown } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";

import type { Operation } from "../live/model";
import field from "./field.module.css";
import css from "./path-field.module.css";
import { fitting, type KnownPath, pathsOf } from "./paths";
import { useSchemas } from "./useSchemas";

interface Props {
  label: string;
  value: string;
  onChange: (path: string) => void;
  /** Whose schemas tell the paths. */
  operations: readonly Operation[];
  /** Whether no path stands for the whole payload. */
  whole?: boolean;
  hint?: ReactNode;
  disabled?: boolean;
  /** Marks the field as wrong; the id of the text that says why. */
  describedBy?: string;
}

const most = 200;
const nothing: KnownPath[] = [];

/** A field for a path into payloads, with a list of those that are known; any other can be typed. */
export function PathField({ label, value, onChange, operations, whole = false, hint, disabled = false, describedBy }: Props) {
  const id = useId();
  const box = usePathList(value, onChange, operations, whole);
  return (
    <div className={field.field} onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || box.close()}>
      <label htmlFor={id}>{label}</label>
      <div className={css.box}>
        <input
          id={id}
          className={`${field.input} ${css.input}`}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={box.open}
          aria-controls={box.open ? box.list : undefined}
          aria-activedescendant={box.active >= 0 ? `${box.list}-${box.active}` : undefined}
          aria-invalid={describedBy !== undefined}
          aria-describedby={describedBy ?? (hint === undefined ? undefined : `${id}-hint`)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          disabled={disabled}
          placeholder={whole ? "the whole payload" : "customer.email"}
          value={value}
          onChange={(event) => box.type(event.target.value)}
          onClick={box.show}
          onKeyDown={box.onKeyDown}
        />
        <button
          type="button"
          className={css.toggle}
          tabIndex={-1}
          aria-label={`Known paths for ${label}`}
          disabled={disabled}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => {
            document.getElementById(id)?.focus();
            if (box.open) box.close();
            else box.show();
          }}
        >
          <ChevronDown size={14} aria-hidden />
        </button>
        {box.open && <Paths label={label} box={box} />}
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} className={field.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

function usePathList(value: string, onChange: (path: string) => void, operations: readonly Operation[], whole: boolean) {
  const list = useId();
  const [open, setOpen] = useState(false);
  // A field that is opened with a path in it shows all, until that is changed.
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(-1);
  const [wanted, setWanted] = useState(false);
  const asked = useSchemas(operations, wanted);
  const known = useMemo(() => (asked.state === "known" ? pathsOf(asked.value) : nothing), [asked]);
  const found = useMemo(() => {
    const all = whole && typed === "" ? [wholePayload, ...known] : known;
    return fitting(all, typed).slice(0, most);
  }, [known, typed, whole]);

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const show = () => {
    setWanted(true);
    if (open) return;
    setTyped("");
    setOpen(true);
  };
  const pick = (path: string) => {
    onChange(path);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      show();
      if (open && found.length > 0) setActive((now) => (now < 0 ? (step > 0 ? 0 : found.length - 1) : (now + step + found.length) % found.length));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      if (found[active]) pick(found[active].path);
      else close();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  return {
    list,
    open,
    asked,
    found,
    typed,
    value,
    active: Math.min(active, found.length - 1),
    operations,
    setActive,
    show,
    close,
    pick,
    onKeyDown,
    type: (text: string) => {
      onChange(text);
      show();
      setTyped(text);
      setActive(-1);
    },
  };
}

const wholePayload: KnownPath = { path: "", type: "all of it", optional: false, seen: [] };

function Paths({ label, box }: { label: string; box: ReturnType<typeof usePathList> }) {
  const rows = useRef<HTMLUListElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.scrollIntoView({ block: "nearest" });
  }, []);
  useEffect(() => {
    rows.current?.children[box.active]?.scrollIntoView({ block: "nearest" });
  }, [box.active]);
  const many = new Set(box.found.flatMap(({ seen }) => seen)).size > 1;
  return (
    <div ref={panel} className={css.panel} onPointerDown={(event) => event.preventDefault()}>
      <ul ref={rows} id={box.list} role="listbox" aria-label={`Known paths for ${label}`} className={css.list}>
        {box.found.map(({ path, type, optional, seen }, i) => (
          <li
            key={path}
            id={`${box.list}-${i}`}
            role="option"
            aria-selected={i === box.active}
            data-current={path === box.value}
            className={css.row}
            onPointerMove={() => box.setActive(i)}
            onClick={() => box.pick(path)}
          >
            <span className={path === "" ? "muted" : css.path}>{path === "" ? "the whole payload" : <Split path={path} typed={box.typed} />}</span>
            <span className={css.type}>{optional ? `${type}, optional` : type}</span>
            {many && <span className={css.seen}>{seenIn(seen)}</span>}
          </li>
        ))}
      </ul>
      <p className={css.note} role="status">
        {note(box)}
      </p>
    </div>
  );
}

/** The path with the part that was typed in bold. */
function Split({ path, typed }: { path: string; typed: string }) {
  const at = typed === "" ? -1 : path.toLowerCase().indexOf(typed.toLowerCase());
  if (at < 0) return path;
  return (
    <>
      {path.slice(0, at)}
      <b>{path.slice(at, at + typed.length)}</b>
      {path.slice(at + typed.length)}
    </>
  );
}

function seenIn(seen: readonly string[]): string {
  return seen.length > 2 ? `${seen[0]}, ${seen[1]} and ${seen.length - 2} more` : seen.join(", ");
}

function note({ asked, found, operations, typed }: ReturnType<typeof usePathList>): string {
  if (operations.length === 0) return "Attach the pipeline to an operation to see the fields of its messages here. Any path can be typed.";
  if (asked.state === "asking") return "Reading schemas …";
  if (asked.state === "failed") return `The schemas cannot be read: ${asked.reason}`;
  if (asked.value.length === 0) return "No session has told a schema yet. Any path can be typed.";
  if (found.length === 0) return `No known field fits “${typed}”; it is taken as it is typed.`;
  const names = seenIn(asked.value.map(({ operation }) => operation.operation));
  return `From the schema of ${names}. Any other path can be typed.`;
}
