import { Search } from "lucide-react";

import css from "./search-box.module.css";

/** A field that narrows a list. */
export function SearchBox({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <label className={css.search}>
      <Search size={14} aria-hidden />
      <span className="visually-hidden">{label}</span>
      <input type="search" placeholder={label} spellCheck={false} value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
