import { useSyncExternalStore } from "react";

import { age, moment } from "./text";
import { everySecond, second } from "./useSecond";

/** How long ago something was (ms since 1970), as it grows; the exact time on hover. */
export function Ago({ at }: { at: number }) {
  const text = useSyncExternalStore(everySecond, () => age(second() - at));
  return <span title={moment(at)}>{text} ago</span>;
}
