// Sessions as rows of a table.
import { Delivery, type Session } from "../../gen/streamdal/console/v1/console_pb";
import { type DeliveryState, worstState } from "../../parts/delivery";
import { languageName } from "../../parts/Language";

export interface Row {
  id: string;
  service: string;
  language: string;
  version: string;
  node: string;
  dryRun: boolean;
  /** When it was last heard, in milliseconds since 1970; 0 when not known. */
  heard: number;
  /** How many operations it announced, and how many of their lists it was sent as they are now. */
  audiences: number;
  current: number;
  state: DeliveryState;
  /** Keys of the operations it announced. */
  operations: string[];
}

export function rowOf(session: Session): Row {
  const deliveries = session.audiences.map(({ delivery }) => delivery);
  return {
    id: session.id,
    service: session.service,
    language: languageName(session.language),
    version: session.libraryVersion,
    node: session.node,
    dryRun: session.dryRun,
    heard: Number(session.heardUnixMs),
    audiences: deliveries.length,
    current: deliveries.filter((delivery) => delivery === Delivery.CURRENT).length,
    state: worstState(deliveries),
    operations: session.audiences.map(({ audience }) => audience),
  };
}

export const columns = [
  { id: "service", label: "Service" },
  { id: "language", label: "Language" },
  { id: "version", label: "SDK" },
  { id: "node", label: "Node" },
  { id: "dryRun", label: "Dry run" },
  { id: "state", label: "Rules" },
  { id: "heard", label: "Last heartbeat" },
] as const;

export type Column = (typeof columns)[number]["id"];

const order = { waiting: 0, pending: 1, unknown: 2, current: 3 };

/** The rows in the order of a column; those that are equal in it by service and id. */
export function sorted(rows: readonly Row[], column: Column, descending: boolean): Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(a, b, column) || text(a.service, b.service) || text(a.id, b.id));
}

function compare(a: Row, b: Row, column: Column): number {
  switch (column) {
    case "heard":
      return b.heard - a.heard;
    case "dryRun":
      return Number(b.dryRun) - Number(a.dryRun);
    case "state":
      return order[a.state] - order[b.state];
    default:
      return text(a[column], b[column]);
  }
}

function text(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });
}
