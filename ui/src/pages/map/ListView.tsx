import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useRef, useState } from "react";

import { useConsole } from "../../live/context";
import type { Model } from "../../live/model";
import { useSecond } from "../../parts/useSecond";
import { useMapView } from "./context";
import css from "./list.module.css";
import { ListRow } from "./ListRow";
import { type ColumnId, columns, isRestless, pressed, readSorting, rowsOf, type Row, type Sorting, sorted, writeSorting } from "./rows";
import { useMapAddress } from "./useSelection";

const rowHeight = 41;
// Often enough to see what is busiest, seldom enough to read it.
const settle = 5_000;

/** The map's data as a table: for narrow screens, screen readers, and long reading. */
export default function ListView({ shown }: { shown: Pick<Model, "services"> }) {
  const { model } = useMapView();
  const { get, set } = useMapAddress();
  const sorting = readSorting(get("sort"));
  const sort = (next: Sorting) => set("sort", writeSorting(next));
  const [held, setHeld] = useState(false);
  const rows = useSorted(useMemo(() => rowsOf(model, shown.services), [model, shown]), sorting, held);
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]!.operation.key,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scroll} className={css.scroll} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
      <SortChoice sorting={sorting} onSort={sort} />
      <table className={css.table} aria-rowcount={rows.length + 1} aria-label="Operations">
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Head key={column.id} {...column} sorting={sorting} onSort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Room height={above} />
          {items.map(({ index, key }) => (
            <ListRow key={key} row={rows[index]!} index={index} measure={virtual.measureElement} />
          ))}
          <Room height={below} />
        </tbody>
      </table>
      {rows.length === 0 && <p className={css.none}>Nothing matches the filter.</p>}
    </div>
  );
}

/** The rows in order; while somebody points at them, they stay where they are. */
function useSorted(rows: Row[], sorting: Sorting, held: boolean): Row[] {
  const { rates } = useConsole().live;
  const second = useSecond();
  const turn = useRef(0);
  if (isRestless(sorting) && !held) turn.current = Math.floor(second / settle);
  const { column, descending } = sorting;
  const at = turn.current;
  // Sorts again with each turn, though the order of the rest does not depend on it.
  return useMemo(() => (at < 0 ? [] : sorted(rows, { column, descending }, (key) => rates.of(key))), [rows, column, descending, rates, at]);
}

/** What takes the room of rows that are not rendered. */
function Room({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden className={css.room}>
      <td colSpan={columns.length} style={{ height }} />
    </tr>
  );
}

interface SortProps {
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
}

function Head({ id, label, numeric, sorting, onSort }: SortProps & { id: ColumnId; label: string; numeric: boolean }) {
  const current = sorting.column === id;
  const Arrow = sorting.descending ? ArrowDown : ArrowUp;
  return (
    <th scope="col" data-numeric={numeric} aria-sort={current ? (sorting.descending ? "descending" : "ascending") : undefined}>
      <button type="button" onClick={() => onSort(pressed(sorting, id))}>
        {label}
        {current && <Arrow size={12} aria-hidden />}
      </button>
    </th>
  );
}

/** The order on narrow screens, where there are no columns. */
function SortChoice({ sorting, onSort }: SortProps) {
  return (
    <label className={css.sort}>
      Sort by
      <select value={writeSorting(sorting)} onChange={(event) => onSort(readSorting(event.target.value))}>
        {columns.map(({ id, label, numeric }) => {
          const value = writeSorting(id === sorting.column ? sorting : { column: id, descending: numeric });
          return (
            <option key={id} value={value}>
              {label.toLowerCase()}
            </option>
          );
        })}
      </select>
    </label>
  );
}
