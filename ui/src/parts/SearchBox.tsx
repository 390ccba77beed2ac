import { Filter, Search } from "lucide-react";
import type { InputHTMLAttributes } from "react";

import css from "./search-box.module.css";

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange"> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** It filters what is there, instead of searching for it. */
  filter?: boolean;
}

/** A field that narrows what is shown. */
export function SearchBox({ label, value, onChange, filter = false, ...rest }: Props) {
  const Icon = filter ? Filter : Search;
  return (
    <label className={css.search}>
      <Icon size={14} aria-hidden />
      <span className="visually-hidden">{label}</span>
      <input
        type="search"
        placeholder={label}
        spellCheck={false}
        autoComplete="off"
        {...rest}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
