import { ArrowDown, ArrowUp } from "lucide-react";
import { type UIEvent, useState } from "react";
import { Link } from "wouter";

import { Ago } from "../../parts/Ago";
import { deliveryWords } from "../../parts/delivery";
import { selectionUrl } from "../../parts/selection";
import sheet from "../../parts/sheet.module.css";
import css from "./sessions.module.css";
import { type Column, columns, type Row } from "./rows";

interface Props {
  rows: Row[] | undefined;
  by: Column;
  descending: boolean;
  onSort: (column: Column) => void;
}

const rowHeight = 40;
// Rows above and below the visible ones, so that quick scrolling shows no holes.
const spare = 20;

/** A table of which only what is in view exists; the rest is room. */
export function SessionTable({ rows = [], by, descending, onSort }: Props) {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(900);
  const onScroll = ({ currentTarget }: UIEvent) => {
    setTop(currentTarget.scrollTop);
    setHeight(currentTarget.clientHeight);
  };
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight), rows.length) - spare);
  const last = Math.min(rows.length, first + Math.ceil(height / rowHeight) + 2 * spare);
  return (
    <div className={sheet.tableBox} onScroll={onScroll} tabIndex={0} role="region" aria-label="Sessions">
      <table className={sheet.table} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map(({ id, label }) => (
              <th key={id} scope="col" {...(id === by && { "aria-sort": descending ? "descending" : "ascending" })}>
                <button type="button" onClick={() => onSort(id)}>
                  {label}
                  {id === by && (descending ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
                </button>
              </th>
            ))}
            <th scope="col">Id</th>
          </tr>
        </thead>
        <tbody>
          <Room rows={first} />
          {rows.slice(first, last).map((row, i) => (
            <SessionRow key={row.id} row={row} index={first + i} />
          ))}
          <Room rows={rows.length - last} />
        </tbody>
      </table>
    </div>
  );
}

function Room({ rows }: { rows: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns.length + 1} className={css.room} style={{ height: rows * rowHeight }} />
    </tr>
  );
}

function SessionRow({ row, index }: { row: Row; index: number }) {
  return (
    <tr aria-rowindex={index + 2}>
      <td className={sheet.cell}>
        <Link href={selectionUrl({ kind: "service", id: row.service })}>{row.service}</Link>
      </td>
      <td>{row.language}</td>
      <td>{row.version}</td>
      <td>{row.node}</td>
      <td>{row.dryRun && <span className={sheet.tag}>dry run</span>}</td>
      <td>
        <span className={css.state} data-state={row.state}>
          {deliveryWords[row.state]}
        </span>{" "}
        <span className="muted">
          {row.current} of {row.audiences}
        </span>
      </td>
      <td>{row.heard > 0 ? <Ago at={row.heard} /> : `known on ${row.node}`}</td>
      <td className={`${sheet.cell} mono muted`}>{row.id}</td>
    </tr>
  );
}
