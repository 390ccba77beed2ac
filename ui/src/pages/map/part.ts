import { keysOf } from "./flowing";
import type { Link, Placed } from "./layout";

const known = new WeakMap<Placed | Link, string[]>();

/** The keys of the operations that a part of the map is about; the same array each time. */
export function operationsOf(part: Placed | Link): readonly string[] {
  let keys = known.get(part);
  if (!keys) {
    keys = keysOf(groupsOf(part));
    known.set(part, keys);
  }
  return keys;
}

function groupsOf(part: Placed | Link) {
  if (!("kind" in part)) return part.groups;
  switch (part.kind) {
    case "group":
      return [part.group];
    case "component":
      return part.groups;
    default:
      return part.service.groups;
  }
}
