import { Code, ConnectError } from "@connectrpc/connect";

import { audienceOf } from "../live/audience";
import type { ExternalClient } from "../live/client";
import { useConsole } from "../live/context";
import type { Operation } from "../live/model";
import { type Asked, useAsk } from "./useAsk";

/** An operation with the JSON schema that sessions inferred from its payloads. */
export interface KnownSchema {
  operation: Operation;
  text: string;
}

// A pipeline may be attached everywhere; some schemas tell as much as all.
const most = 12;
// Several fields of a form ask for the same schemas.
const fresh = 30_000;

type Answer = Promise<string | undefined>;
const answers = new WeakMap<ExternalClient, Map<string, { at: number; answer: Answer }>>();

/** The schemas of some operations, those that have one; asked for when they are wanted. */
export function useSchemas(operations: readonly Operation[], wanted = true): Asked<KnownSchema[]> {
  const { client } = useConsole();
  const some = wanted ? operations.slice(0, most) : [];
  const [asked] = useAsk(some.map(({ key }) => key).join("\n"), async () => {
    const texts = await Promise.allSettled(some.map((operation) => schemaOf(client, operation)));
    const refusal = texts.find(({ status }) => status === "rejected") as PromiseRejectedResult | undefined;
    if (refusal && texts.every(({ status }) => status === "rejected")) throw refusal.reason;
    return texts.flatMap((text, i) => (text.status === "fulfilled" && text.value !== undefined ? [{ operation: some[i]!, text: text.value }] : []));
  });
  return asked;
}

/** The schema of an operation, at most some seconds old; undefined when there is none yet. */
export function schemaOf(client: ExternalClient, operation: Operation): Answer {
  const known = answers.get(client) ?? new Map<string, { at: number; answer: Answer }>();
  answers.set(client, known);
  const last = known.get(operation.key);
  if (last && Date.now() - last.at < fresh) return last.answer;
  const answer = ask(client, operation);
  known.set(operation.key, { at: Date.now(), answer });
  answer.catch(() => known.delete(operation.key));
  return answer;
}

async function ask(client: ExternalClient, operation: Operation): Answer {
  const { schema } = await client.getSchema({ audience: audienceOf(operation) }).catch(missing);
  // Known schemas count from 1; until then the server answers with an empty one.
  if (!schema || schema.Version === 0) return undefined;
  return new TextDecoder().decode(schema.jsonSchema);
}

function missing(error: unknown): { schema?: undefined } {
  if (error instanceof ConnectError && error.code === Code.NotFound) return {};
  throw error;
}
