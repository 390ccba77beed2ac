import { useEffect, useMemo } from "react";

import { useConsole } from "../../live/context";
import type { Operation } from "../../live/model";
import { Tail } from "../../live/tail/tail";

/** The tail of an operation. It ends when what shows it is left. */
export function useTail(operation: Operation): Tail {
  const { client } = useConsole();
  const { key } = operation;
  // The key says which operation it is; the object is another one whenever something about it changes.
  const tail = useMemo(() => new Tail(client, operation), [client, key]);
  useEffect(() => () => tail.stop(), [tail]);
  return tail;
}
