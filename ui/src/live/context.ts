import { createContext, useContext, useSyncExternalStore } from "react";

import type { Actions } from "./actions";
import type { ExternalClient } from "./client";
import type { Drafts } from "./drafts";
import type { Live, Picture } from "./live";
import type { Role } from "./session";

export interface Console {
  client: ExternalClient;
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

/** Whether this person may change anything; the server decides in the end. */
export function useCanEdit(): boolean {
  return useConsole().role !== "viewer";
}
