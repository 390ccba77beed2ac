// The map as rows of a table, and the order that people choose.
import type { Model, Operation, Service } from "../../live/model";
import type { Rate } from "../../live/rates";
import { languagesOf } from "./filter";

export interface Row {
  operation: Operation;
  languages: string[];
  /** Names of its pipelines, in the order in which they run. */
  pipelines: { name: string; paused: boolean }[];
}

export function rowsOf(model: Model, services: readonly Service[]): Row[] {
  const named = ({ id, paused }: Operation["pipelines"][number]) => ({ name: model.pipelines.get(id)?.pipeline.name ?? id, paused });
  const rows = services.flatMap((service) => service.groups.flatMap((group) => group.operations));
  return rows.map((operation) => ({ operation, languages: languagesOf(operation), pipelines: operation.pipelines.map(named) }));
}

type Value = string | number;

interface Column {
  id: string;
  label: string;
  /** Whether it is of numbers, which people want to see from the largest on. */
  numeric: boolean;
  value: (row: Row, rateOf: (key: string) => Rate) => Value;
}

export const columns = [
  { id: "service", label: "Service", numeric: false, value: ({ operation }) => operation.service },
  { id: "operation", label: "Operation", numeric: false, value: ({ operation }) => operation.operation },
  { id: "direction", label: "Direction", numeric: false, value: ({ operation }) => operation.direction },
  { id: "component", label: "Component", numeric: false, value: ({ operation }) => operation.component },
  { id: "language", label: "Languages", numeric: false, value: ({ languages }) => languages.join(", ") },
  { id: "sessions", label: "Sessions", numeric: true, value: ({ operation }) => operation.sessions.length },
  { id: "pipelines", label: "Pipelines", numeric: true, value: ({ pipelines }) => pipelines.length },
  { id: "messages", label: "Messages", numeric: true, value: ({ operation }, rateOf) => rateOf(operation.key).messages },
  { id: "bytes", label: "Bytes", numeric: true, value: ({ operation }, rateOf) => rateOf(operation.key).bytes },
  { id: "errors", label: "Errors", numeric: true, value: ({ operation }, rateOf) => rateOf(operation.key).errors },
] as const satisfies readonly Column[];

export type ColumnId = (typeof columns)[number]["id"];

export interface Sorting {
  column: ColumnId;
  descending: boolean;
}

const usual: Sorting = { column: "service", descending: false };

/** The order in the address: a column's name, with a minus when the largest come first. */
export function readSorting(text: string): Sorting {
  const descending = text.startsWith("-");
  const column = columns.find(({ id }) => id === text.slice(descending ? 1 : 0));
  return column ? { column: column.id, descending } : usual;
}

export function writeSorting({ column, descending }: Sorting): string {
  return column === usual.column && !descending ? "" : `${descending ? "-" : ""}${column}`;
}

/** The order after a press on a column's head. */
export function pressed(now: Sorting, column: ColumnId): Sorting {
  if (now.column === column) return { column, descending: !now.descending };
  return { column, descending: columns.find(({ id }) => id === column)!.numeric };
}

/** Whether rows change places without anything being done. */
export function isRestless({ column }: Sorting): boolean {
  return column === "messages" || column === "bytes" || column === "errors";
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function sorted(rows: readonly Row[], { column, descending }: Sorting, rateOf: (key: string) => Rate): Row[] {
  const { value } = columns.find(({ id }) => id === column)!;
  const sign = descending ? -1 : 1;
  const valued = rows.map((row) => ({ row, at: value(row, rateOf) as Value }));
  valued.sort((a, b) => sign * compare(a.at, b.at) || byNames(a.row, b.row));
  return valued.map(({ row }) => row);
}

function compare(a: Value, b: Value): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}

function byNames({ operation: a }: Row, { operation: b }: Row): number {
  return collator.compare(a.service, b.service) || collator.compare(a.component, b.component) || collator.compare(a.operation, b.operation);
}
