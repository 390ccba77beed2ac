import { useEffect, useState } from "react";

import type { Pipeline } from "../../../gen/protos/pipeline_pb";
import { useConsole } from "../../../live/context";
import { words } from "../../../live/words";
import { type Item, notificationsOf } from "./exchange";

/** Whether the server would save a pipeline, and why not. */
export type Check = { state: "checking" } | { state: "fine" } | { state: "refused"; problems: string[] } | { state: "unknown"; reason: string };

type Checks = Readonly<Record<string, Check>>;

/** Asks the server about items, one after another, and which notifications it lacks. */
export function useChecks(items: readonly Item[]): { checks: Checks; missing: Readonly<Record<string, string[]>> } {
  const { client, console } = useConsole();
  const [checks, setChecks] = useState<Checks>(() => Object.fromEntries(items.flatMap(({ key, pipeline }) => (pipeline ? [[key, { state: "checking" }]] : []))));
  const [missing, setMissing] = useState<Record<string, string[]>>({});
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const askAll = async () => {
      for (const { key, pipeline } of items) {
        if (!pipeline || signal.aborted) continue;
        const check = await ask(pipeline);
        if (!signal.aborted) setChecks((now) => ({ ...now, [key]: check }));
      }
    };
    const ask = async (pipeline: Pipeline): Promise<Check> => {
      try {
        const answer = await console.checkPipeline({ pipeline }, { signal });
        const steps = answer.steps.flatMap(({ problem }, i) => (problem ? [`Step ${i + 1}: ${problem}`] : []));
        const problems = answer.problem ? [answer.problem, ...steps] : steps;
        return problems.length > 0 ? { state: "refused", problems } : { state: "fine" };
      } catch (error) {
        return { state: "unknown", reason: words(error) };
      }
    };
    const askMissing = async () => {
      const used = items.map(({ key, pipeline }) => [key, pipeline ? [...notificationsOf(pipeline)] : []] as const);
      if (used.every(([, ids]) => ids.length === 0)) return;
      const { notifications } = await client.getNotifications({}, { signal });
      setMissing(Object.fromEntries(used.map(([key, ids]) => [key, ids.filter((id) => !(id in notifications))])));
    };
    void askAll();
    // Without an answer there is no warning; saving is refused or not all the same.
    void askMissing().catch(() => undefined);
    return () => stop.abort();
  }, [client, console, items]);
  return { checks, missing };
}
