import css from "./bones.module.css";

/** Where text will be. */
export function Bones({ rows = 3 }: { rows?: number }) {
  return (
    <div className={css.bones} aria-hidden>
      {Array.from({ length: rows }, (_, n) => (
        <div key={n} className={css.bone} />
      ))}
    </div>
  );
}
