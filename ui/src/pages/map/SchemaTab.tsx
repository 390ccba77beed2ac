import { useEffect, useState } from "react";

import { useConsole } from "../../live/context";
import type { Operation } from "../../live/model";
import { words } from "../../live/words";
import { Snippet } from "../../parts/Snippet";
import { age } from "../../parts/text";
import css from "./pipelines-tab.module.css";

type Answer = { state: "asking" } | { state: "none" } | { state: "failed"; reason: string } | Known;
type Known = { state: "known"; text: string; version: number; updated: string };

/** The schema that SDKs inferred from the messages of an operation. */
export function SchemaTab({ operation }: { operation: Operation }) {
  const { actions } = useConsole();
  const [answer, setAnswer] = useState<Answer>({ state: "asking" });
  const { key } = operation;
  useEffect(() => {
    let current = true;
    const show = (next: Answer) => current && setAnswer(next);
    actions.schema(operation).then(
      (schema) => show(schema ? { state: "known", ...schema } : { state: "none" }),
      (error: unknown) => show({ state: "failed", reason: words(error) }),
    );
    return () => {
      current = false;
    };
    // The key says which operation it is; its sessions and pipelines do not matter here.
  }, [actions, key]);

  if (answer.state === "asking") return null;
  if (answer.state === "failed") return <p className={css.none}>The schema cannot be shown: {answer.reason}</p>;
  if (answer.state === "none") {
    return <p className={css.none}>No schema yet. SDKs infer it from the messages they process.</p>;
  }
  return (
    <div className={css.tab}>
      <p className={css.reach}>
        Inferred from messages · version {answer.version}
        {answer.updated && ` · ${sinceText(answer.updated)}`}
      </p>
      <Snippet label="JSON schema" text={pretty(answer.text)} />
    </div>
  );
}

function sinceText(updated: string): string {
  const time = Date.parse(updated);
  return Number.isNaN(time) ? `updated ${updated}` : `updated ${age(Date.now() - time)} ago`;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
