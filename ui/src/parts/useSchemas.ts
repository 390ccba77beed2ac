import type { Actions } from "../live/actions";
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
const answers = new WeakMap<Actions, Map<string, { at: number; answer: Answer }>>();

/** The schemas of some operations, those that have one; asked for when they are wanted. */
export function useSchemas(operations: readonly Operation[], wanted = true): Asked<KnownSchema[]> {
  const { actions } = useConsole();
  const some = wanted ? operations.slice(0, most) : [];
  const [asked] = useAsk(some.map(({ key }) => key).join("\n"), async () => {
    const texts = await Promise.allSettled(some.map((operation) => schemaOf(actions, operation)));
    const refusal = texts.find(({ status }) => status === "rejected") as PromiseRejectedResult | undefined;
    if (refusal && texts.every(({ status }) => status === "rejected")) throw refusal.reason;
    return texts.flatMap((text, i) => (text.status === "fulfilled" && text.value !== undefined ? [{ operation: some[i]!, text: text.value }] : []));
  });
  return asked;
}

function schemaOf(actions: Actions, operation: Operation): Answer {
  const known = answers.get(actions) ?? new Map<string, { at: number; answer: Answer }>();
  answers.set(actions, known);
  const last = known.get(operation.key);
  if (last && Date.now() - last.at < fresh) return last.answer;
  const answer = actions.schema(operation).then((schema) => schema?.text);
  known.set(operation.key, { at: Date.now(), answer });
  answer.catch(() => known.delete(operation.key));
  return answer;
}
