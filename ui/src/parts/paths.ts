import { fieldsOf } from "./fields";
import { search } from "./search";
import type { KnownSchema } from "./useSchemas";

/** A path that steps can take, as schemas tell of it. */
export interface KnownPath {
  path: string;
  type: string;
  /** Whether some payloads lack it. */
  optional: boolean;
  /** Names of the operations in whose payloads it is. */
  seen: string[];
}

/** All paths of some schemas, in the order of their trees; one that several have is told once. */
export function pathsOf(schemas: readonly KnownSchema[]): KnownPath[] {
  const paths = new Map<string, KnownPath>();
  for (const { operation, text } of schemas) {
    for (const { rule, type, optional } of fieldsOf(text)) {
      if (rule === "") continue;
      const known = paths.get(rule);
      if (!known) {
        paths.set(rule, { path: rule, type, optional, seen: [operation.operation] });
        continue;
      }
      if (!known.type.split(" or ").includes(type)) known.type += ` or ${type}`;
      known.optional ||= optional;
      if (!known.seen.includes(operation.operation)) known.seen.push(operation.operation);
    }
  }
  return [...paths.values()];
}

/** The paths that fit what was typed: by their text first, then by type and place. */
export function fitting(paths: readonly KnownPath[], typed: string): KnownPath[] {
  return search(paths, typed, ({ path, type, seen }) => `${path} ${type} ${seen.join(" ")}`);
}
