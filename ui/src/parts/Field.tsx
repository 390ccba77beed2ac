import { type InputHTMLAttributes, type ReactNode, useId } from "react";

import css from "./field.module.css";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  value: string;
  onChange: (value: string) => void;
}

type InputProps = FieldProps & Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange">;

/** A named text field with a hint below it. */
export function Field({ label, hint, value, onChange, ...rest }: InputProps) {
  const id = useId();
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <input
        {...rest}
        id={id}
        className={css.input}
        autoComplete="off"
        spellCheck={false}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className={css.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A named list to choose one value from. */
export function Select({ label, hint, value, onChange, options, disabled }: FieldProps & { options: readonly (readonly [string, string])[]; disabled?: boolean }) {
  const id = useId();
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} className={css.input} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
      {hint !== undefined && <p className={css.hint}>{hint}</p>}
    </div>
  );
}

/** A named check mark. */
export function Check({ label, checked, onChange, disabled }: { label: ReactNode; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }) {
  return (
    <label className={css.check}>
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** What the server said when it refused. */
export function Problem({ children }: { children: ReactNode }) {
  return (
    <p className={css.problem} role="alert">
      {children}
    </p>
  );
}
