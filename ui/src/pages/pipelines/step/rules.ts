// What docs/rules.md says about each kind of step. A Go test keeps its outcomes true.
import text from "../../../../../docs/rules.md?raw";

export interface RuleDoc {
  /** In the form of markdown, without blocks. */
  about: string;
  /** The steps of the example, as JSON. */
  step: string;
  payload: string;
  outcome: string;
}

const section = /^### `(\w+)`\n+([\s\S]*?)\n+```json\n([\s\S]*?)\n```\n+```\n([\s\S]*?)\n```\n+```\n([\s\S]*?)\n```$/gm;

const docs = new Map(
  [...text.matchAll(section)].map(([, wire, about, step, payload, outcome]): [string, RuleDoc] => [
    wire!,
    { about: about!.replaceAll("\n", " "), step: step!, payload: payload!, outcome: outcome! },
  ]),
);

/** The documentation of a kind by its wire name. */
export function ruleDoc(wire: string): RuleDoc | undefined {
  return docs.get(wire);
}
