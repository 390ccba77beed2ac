import css from "./skeleton.module.css";

/** The shape of the map while the first picture is on its way. */
export function MapSkeleton() {
  return (
    <div className={css.skeleton} aria-busy="true" aria-label="Loading the map">
      {[0, 1, 2].map((column) => (
        <div key={column} className={css.column}>
          {[0, 1, 2, 3].map((row) => (
            <div key={row} className={css.box} data-column={column} />
          ))}
        </div>
      ))}
    </div>
  );
}
