// How far what sessions should run has come.
import { Delivery, type Session } from "../gen/streamdal/console/v1/console_pb";
import { count } from "./text";

export type DeliveryState = "current" | "pending" | "waiting" | "unknown";

export const deliveryWords: Record<DeliveryState, string> = {
  current: "up to date",
  pending: "being sent",
  waiting: "waits for its stream",
  unknown: "not known",
};

export function deliveryState(delivery: Delivery): DeliveryState {
  switch (delivery) {
    case Delivery.CURRENT:
      return "current";
    case Delivery.PENDING:
      return "pending";
    case Delivery.WAITING:
      return "waiting";
    default:
      return "unknown";
  }
}

/** The state of the list that is furthest behind. */
export function worstState(deliveries: readonly Delivery[]): DeliveryState {
  const states = new Set(deliveries.map(deliveryState));
  return (["waiting", "pending", "unknown"] as const).find((state) => states.has(state)) ?? "current";
}

export type DeliveryCounts = Record<DeliveryState, number> & { total: number };

/** How many sessions of an operation have its list, and how many do not yet. */
export function countDeliveries(sessions: readonly Session[], key: string): DeliveryCounts {
  const counts = { current: 0, pending: 0, waiting: 0, unknown: 0, total: 0 };
  for (const { audiences } of sessions) {
    const of = audiences.find(({ audience }) => audience === key);
    if (!of) continue;
    counts.total++;
    counts[deliveryState(of.delivery)]++;
  }
  return counts;
}

/** "11 of 12 sessions have it, 1 waits for its stream". */
export function deliverySentence({ current, pending, waiting, unknown, total }: DeliveryCounts, have = "have it", has = "has it"): string {
  if (total === 0) return "no session is live";
  const behind = [
    pending > 0 && `${pending} ${pending === 1 ? "is" : "are"} being sent it`,
    waiting > 0 && `${waiting} ${waiting === 1 ? "waits for its stream" : "wait for their streams"}`,
    unknown > 0 && `of ${unknown} it is not known`,
  ].filter(Boolean);
  return [`${current} of ${count(total, "session")} ${total === 1 ? has : have}`, ...behind].join(", ");
}
