import type { NodeState, Session } from "../gen/streamdal/console/v1/console_pb";
import { useConsole, useNode, usePicture, useSessions } from "../live/context";
import type { Asked } from "./useAsk";

export interface Glance {
  sessions: readonly Session[];
  node: NodeState;
}

/** All sessions and the state of the node as the tab's stream tells them, and a way to try again. */
export function useGlance(): [Asked<Glance>, () => void] {
  const { live } = useConsole();
  const { connection } = usePicture();
  const sessions = useSessions();
  const node = useNode();
  if (sessions && node) return [{ state: "known", value: { sessions, node } }, live.retryNow];
  if (connection.phase === "waiting") return [{ state: "failed", reason: connection.reason }, live.retryNow];
  return [{ state: "asking" }, live.retryNow];
}
