// The schemas that SDKs infer, as the Console shows them.
import { createClient } from "@connectrpc/connect";

import { Schemas, type SchemaVersion } from "../gen/streamdal/console/v1/schema_pb";
import { sameOrigin } from "../live/client";
import { type Asked, useAsk } from "./useAsk";

/** The kept versions of an operation's schema, the newest last, and a way to ask again. */
export function useSchema(key: string): [Asked<SchemaVersion[]>, () => Promise<void>] {
  return useAsk(key, async (signal) => {
    const client = createClient(Schemas, sameOrigin());
    return (await client.getSchemaHistory({ audience: key }, { signal })).versions;
  });
}

export function textOf({ jsonSchema }: SchemaVersion): string {
  return new TextDecoder().decode(jsonSchema);
}

/** Since when a version is known, in milliseconds since 1970; 0 when not known. */
export function since({ sinceUnixTsNs }: SchemaVersion): number {
  return Number(sinceUnixTsNs / 1_000_000n);
}
