import { Plus, X } from "lucide-react";
import { type ReactNode, useId, useRef, useState } from "react";

import { IconButton } from "../../../parts/Button";
import css from "./form.module.css";

interface HeadProps {
  label: string;
  wire?: string;
  hint?: ReactNode;
  problem?: string | undefined;
}

interface TextRowsProps extends HeadProps {
  values: readonly string[];
  onChange: (values: string[]) => void;
  /** What one of them is: "text", "path". */
  one: string;
  placeholder?: string;
  /** Another field than a plain one. */
  field?: (row: { label: string; value: string; onChange: (value: string) => void }) => ReactNode;
}

/** A list of texts, one a row. */
export function TextRows({ label, wire, hint, problem, values, onChange, one, placeholder, field }: TextRowsProps) {
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const add = () => {
    onChange([...values, ""]);
    // The new row is there after React has rendered.
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>("li:last-child input")?.focus());
  };
  return (
    <div className={css.field} role="group" aria-labelledby={id}>
      <Head id={id} label={label} wire={wire} />
      <ul ref={list} className={css.rows}>
        {values.map((value, i) => {
          const name = `${one} ${i + 1}`;
          const change = (next: string) => onChange(values.with(i, next));
          return (
            <li key={i}>
              {field ? (
                <div className={css.grow}>{field({ label: name, value, onChange: change })}</div>
              ) : (
                <input
                  className={`${css.input} mono`}
                  aria-label={name}
                  placeholder={placeholder}
                  autoComplete="off"
                  spellCheck={false}
                  value={value}
                  onChange={(event) => change(event.target.value)}
                />
              )}
              <IconButton label={`Remove ${name}`} onClick={() => onChange(values.toSpliced(i, 1))}>
                <X size={14} />
              </IconButton>
            </li>
          );
        })}
      </ul>
      <AddRow one={one} onClick={add} />
      <Below hint={hint} problem={problem} />
    </div>
  );
}

interface PairRowsProps extends HeadProps {
  map: Readonly<Record<string, string>>;
  onChange: (map: Record<string, string>) => void;
  /** What one of them is: "header". */
  one: string;
}

/** Names with values, one pair a row. A row without a name is kept while the form is open, and counts for nothing. */
export function PairRows({ label, wire, hint, map, onChange, one }: PairRowsProps) {
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const [rows, setRows] = useState<readonly Pair[]>(() => pairsOf(map));
  const shown = sameMap(mapOf(rows), map) ? rows : pairsOf(map);
  const change = (next: readonly Pair[]) => {
    setRows(next);
    if (!sameMap(mapOf(next), map)) onChange(mapOf(next));
  };
  const add = () => {
    change([...shown, ["", ""]]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>("li:last-child input")?.focus());
  };
  return (
    <div className={css.field} role="group" aria-labelledby={id}>
      <Head id={id} label={label} wire={wire} />
      <ul ref={list} className={css.rows}>
        {shown.map(([name, value], i) => (
          <li key={i}>
            <input
              className={`${css.input} mono`}
              aria-label={`${one} ${i + 1} name`}
              placeholder="name"
              autoComplete="off"
              spellCheck={false}
              value={name}
              onChange={(event) => change(shown.with(i, [event.target.value, value]))}
            />
            <input
              className={`${css.input} mono`}
              aria-label={`${one} ${i + 1} value`}
              placeholder="value"
              autoComplete="off"
              spellCheck={false}
              value={value}
              onChange={(event) => change(shown.with(i, [name, event.target.value]))}
            />
            <IconButton label={`Remove ${one} ${i + 1}`} onClick={() => change(shown.toSpliced(i, 1))}>
              <X size={14} />
            </IconButton>
          </li>
        ))}
      </ul>
      <AddRow one={one} onClick={add} />
      <Below hint={hint} problem={pairsProblem(shown)} />
    </div>
  );
}

export type Pair = readonly [name: string, value: string];

export function pairsOf(map: Readonly<Record<string, string>>): Pair[] {
  return Object.entries(map);
}

/** The pairs that have a name; of several with one name the last. */
export function mapOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}

export function pairsProblem(pairs: readonly Pair[]): string | undefined {
  const names = pairs.map(([name]) => name);
  const twice = names.find((name, i) => name !== "" && names.indexOf(name) !== i);
  if (twice !== undefined) return `“${twice}” is there twice; the last one counts.`;
  return pairs.some(([name, value]) => name === "" && value !== "") ? "A value without a name is not kept." : undefined;
}

function sameMap(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function Head({ id, label, wire }: { id: string; label: string; wire: string | undefined }) {
  return (
    <div className={css.label}>
      <span id={id}>{label}</span>
      {wire !== undefined && <code className={css.wire}>{wire}</code>}
    </div>
  );
}

function AddRow({ one, onClick }: { one: string; onClick: () => void }) {
  return (
    <button type="button" className={css.add} onClick={onClick}>
      <Plus size={13} aria-hidden /> Add {one}
    </button>
  );
}

function Below({ hint, problem }: { hint: ReactNode; problem: string | undefined }) {
  if (problem !== undefined) return <p className={css.wrong}>{problem}</p>;
  return hint === undefined ? null : <p className={css.hint}>{hint}</p>;
}
