import { useId, useState } from "react";

import { useConsole } from "../../../live/context";
import type { Operation } from "../../../live/model";
import { words } from "../../../live/words";
import { useToasts } from "../../../parts/toast";
import { schemaOf } from "../../../parts/useSchemas";
import { sampleOf } from "./sample";
import type { Sample } from "./samples";
import css from "./try-it.module.css";

interface Props {
  sample: Sample | undefined;
  operations: readonly Operation[];
  /** Whether messages are plain text, which has no schema. */
  plain: boolean;
  onUse: (sample: Sample) => void;
  /** Asks for a live message of an operation. */
  onLive: (operation: Operation) => void;
}

// A pipeline may be attached everywhere.
const most = 50;

/** Where the sample is from, and where to get another. */
export function Source({ sample, operations, plain, onUse, onLive }: Props) {
  const id = useId();
  const { client } = useConsole();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const some = operations.slice(0, most);

  const makeUp = async (operation: Operation) => {
    setBusy(true);
    try {
      const schema = await schemaOf(client, operation);
      const text = schema && sampleOf(schema);
      if (text === undefined) throw new Error("no session has told one yet");
      onUse({ text, source: `schema ${operation.key}` });
    } catch (error) {
      toasts.failed(`The schema of ${operation.operation} cannot be used`, words(error));
    } finally {
      setBusy(false);
    }
  };
  const choose = (source: string) => {
    const [kind, key] = split(source);
    const operation = some.find((one) => one.key === key);
    if (kind === "own") onUse({ text: "", source });
    else if (operation && kind === "schema") void makeUp(operation);
    else if (operation) onLive(operation);
  };
  return (
    <div className={css.source}>
      <label htmlFor={id}>Sample</label>
      <select id={id} value={sample?.source ?? "own"} disabled={busy} onChange={(event) => choose(event.target.value)}>
        <option value="own">{sample?.source === "own" ? "Own text" : "Paste your own …"}</option>
        {sample?.source === "example" && <option value="example">Example</option>}
        {!plain && some.length > 0 && (
          <optgroup label="Made up from the schema of">
            {some.map(({ key, operation, service }) => (
              <option key={key} value={`schema ${key}`}>
                {sample?.source === `schema ${key}` ? `Made up: ${operation} of ${service}` : `${operation} of ${service}`}
              </option>
            ))}
          </optgroup>
        )}
        {some.length > 0 && (
          <optgroup label="One live message of">
            {some.map(({ key, operation, service, sessions }) => (
              <option key={key} value={`live ${key}`}>
                {sample?.source === `live ${key}` ? `Live: ${operation} of ${service}` : `${operation} of ${service}${sessions.length === 0 ? " (no session)" : ""}`}
              </option>
            ))}
          </optgroup>
        )}
      </select>
    </div>
  );
}

function split(source: string): [string, string] {
  const at = source.indexOf(" ");
  return at < 0 ? [source, ""] : [source.slice(0, at), source.slice(at + 1)];
}
