import { createContext, useContext, useSyncExternalStore } from "react";

import type { Actions } from "./actions";
import { useCell } from "./cell";
import type { ConsoleClient, ExternalClient } from "./client";
import type { Drafts } from "./drafts";
import type { Live, Picture } from "./live";
import type { Rate } from "./rates";
import type { Role } from "./session";

export interface Console {
  client: ExternalClient;
  console: ConsoleClient;
  live: Live;
  actions: Actions;
  drafts: Drafts;
  role: Role;
}

export const ConsoleContext = createContext<Console | undefined>(undefined);

export function useConsole(): Console {
  const console = useContext(ConsoleContext);
  if (!console) throw new Error("useConsole outside of ConsoleContext");
  return console;
}

/** The newest picture of the fleet; re-renders when it changes. */
export function usePicture(): Picture {
  const { live } = useConsole();
  return useSyncExternalStore(live.subscribe, live.snapshot);
}

/** All sessions of all nodes, about every second; undefined until the first answer. */
export function useSessions() {
  return useCell(useConsole().live.sessions);
}

/** The node that answers; undefined until the first answer. */
export function useNode() {
  return useCell(useConsole().live.node);
}

/** What flows through an operation now. */
export function useRate(key: string): Rate {
  const { rates } = useConsole().live;
  return useSyncExternalStore(rates.subscribe, () => rates.of(key));
}

/** Whether this person may change anything; the server decides in the end. */
export function useCanEdit(): boolean {
  return useConsole().role !== "viewer";
}
