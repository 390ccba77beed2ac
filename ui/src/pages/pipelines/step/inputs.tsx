import { type InputHTMLAttributes, type ReactNode, useId } from "react";

import css from "./form.module.css";

interface Label {
  label: string;
  /** What it is called on the wire. */
  wire?: string;
  hint?: ReactNode;
  /** What is wrong with it. */
  problem?: string | undefined;
}

interface Described {
  id: string;
  "aria-invalid": boolean | undefined;
  "aria-describedby": string | undefined;
}

/** A control with its name, its name on the wire, and what is wrong with it or a hint. */
export function Labeled({ label, wire, hint, problem, children }: Label & { children: (control: Described) => ReactNode }) {
  const id = useId();
  const below = problem ?? hint;
  return (
    <div className={css.field}>
      <div className={css.label}>
        <label htmlFor={id}>{label}</label>
        {wire !== undefined && <code className={css.wire}>{wire}</code>}
      </div>
      {children({ id, "aria-invalid": problem !== undefined || undefined, "aria-describedby": below === undefined ? undefined : `${id}-below` })}
      {below !== undefined && (
        <p id={`${id}-below`} className={problem === undefined ? css.hint : css.wrong}>
          {below}
        </p>
      )}
    </div>
  );
}

type TextProps = Label & { value: string; onChange: (value: string) => void; mono?: boolean } & Pick<
    InputHTMLAttributes<HTMLInputElement>,
    "placeholder" | "inputMode" | "autoFocus"
  >;

export function TextInput({ label, wire, hint, problem, value, onChange, mono = false, ...rest }: TextProps) {
  return (
    <Labeled label={label} wire={wire} hint={hint} problem={problem}>
      {(control) => (
        <input
          {...control}
          {...rest}
          className={mono ? `${css.input} mono` : css.input}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Labeled>
  );
}

export function TextArea({ label, wire, hint, problem, value, onChange, rows = 4, mono = false }: TextProps & { rows?: number }) {
  return (
    <Labeled label={label} wire={wire} hint={hint} problem={problem}>
      {(control) => (
        <textarea
          {...control}
          className={mono ? `${css.area} mono` : css.area}
          rows={rows}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Labeled>
  );
}

type ChooseProps<T extends string | number> = Label & { value: T; onChange: (value: T) => void; options: readonly (readonly [T, string])[] };

/** A list to choose one of many from. */
export function Choose<T extends string | number>({ label, wire, hint, problem, value, onChange, options }: ChooseProps<T>) {
  return (
    <Labeled label={label} wire={wire} hint={hint} problem={problem}>
      {(control) => (
        <select
          {...control}
          className={css.input}
          value={String(value)}
          onChange={(event) => onChange(options.find(([option]) => String(option) === event.target.value)![0])}
        >
          {options.map(([option, text]) => (
            <option key={option} value={String(option)}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Labeled>
  );
}

/** A few choices side by side. */
export function Segments<T extends string | number>({ label, wire, hint, problem, value, onChange, options }: ChooseProps<T>) {
  const id = useId();
  const below = problem ?? hint;
  return (
    <div className={css.field} role="radiogroup" aria-labelledby={id} aria-describedby={below === undefined ? undefined : `${id}-below`}>
      <div className={css.label}>
        <span id={id}>{label}</span>
        {wire !== undefined && <code className={css.wire}>{wire}</code>}
      </div>
      <div className={css.segments}>
        {options.map(([option, text]) => (
          <label key={option} className={css.segment}>
            <input type="radio" name={id} checked={option === value} onChange={() => onChange(option)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
      {below !== undefined && (
        <p id={`${id}-below`} className={problem === undefined ? css.hint : css.wrong}>
          {below}
        </p>
      )}
    </div>
  );
}

/** A named check mark with its name on the wire. */
export function Tick({ label, wire, hint, checked, onChange }: Label & { checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <div className={css.field}>
      <label className={css.tick}>
        <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
        <span>{label}</span>
        {wire !== undefined && <code className={css.wire}>{wire}</code>}
      </label>
      {hint !== undefined && <p className={css.hint}>{hint}</p>}
    </div>
  );
}
