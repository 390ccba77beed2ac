import css from "./switcher.module.css";
import type { Tab } from "./Tabs";

interface Props {
  /** What is shown: "Schema". */
  label: string;
  views: readonly Tab[];
  current: string;
  onChange: (id: string) => void;
}

/** Ways to look at one thing, inside of a tab. */
export function Switcher({ label, views, current, onChange }: Props) {
  const view = views.find(({ id }) => id === current) ?? views[0]!;
  return (
    <>
      <div role="group" aria-label={`${label} shown as`} className={css.switcher}>
        {views.map(({ id, label, count }) => (
          <button key={id} type="button" aria-pressed={id === view.id} onClick={() => onChange(id)}>
            {label}
            {count !== undefined && <span className={css.count}>{count}</span>}
          </button>
        ))}
      </div>
      {view.body()}
    </>
  );
}
