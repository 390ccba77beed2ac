import { createClient } from "@connectrpc/connect";
import { Link, useSearchParams } from "wouter";

import { Schemas, type SchemaVersion } from "../../gen/streamdal/console/v1/schema_pb";
import { sameOrigin } from "../../live/client";
import type { Operation } from "../../live/model";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { selectionUrl } from "../../parts/selection";
import sheet from "../../parts/sheet.module.css";
import { Snippet } from "../../parts/Snippet";
import { Tabs } from "../../parts/Tabs";
import { age } from "../../parts/text";
import { useAsk } from "../../parts/useAsk";
import { FieldTree } from "./FieldTree";
import { History } from "./History";

/** The schema of one operation: as a tree, as JSON, and how it grew. */
export function SchemaOf({ operation }: { operation: Operation }) {
  const [asked, again] = useAsk(operation.key, async (signal) => {
    const client = createClient(Schemas, sameOrigin());
    return (await client.getSchemaHistory({ audience: operation.key }, { signal })).versions;
  });
  const [params, setParams] = useSearchParams();
  if (asked.state === "asking") return null;
  if (asked.state === "failed") {
    return (
      <Empty title="The schema cannot be shown">
        <p>{asked.reason}</p>
        <Button onClick={() => void again()}>Try again</Button>
      </Empty>
    );
  }
  const versions = asked.value;
  const newest = versions.at(-1);
  const text = newest ? textOf(newest) : "";
  const tabs = [
    { id: "fields", label: "Fields", body: () => <FieldTree text={text} /> },
    { id: "json", label: "JSON", body: () => <Snippet label="JSON schema" text={pretty(text)} /> },
    { id: "history", label: "History", count: versions.length, body: () => <History versions={versions} /> },
  ];
  return (
    <section className={sheet.sheet} aria-label="Schema">
      <header className={sheet.head}>
        <div className={sheet.names}>
          <h2>{operation.operation}</h2>
          <p className={sheet.meta}>
            {newest && <span>version {newest.version}</span>}
            {newest && newest.sinceUnixTsNs > 0n && <span>known for {age(Date.now() - since(newest))}</span>}
            <Link href={selectionUrl({ kind: "op", id: operation.key })}>on the map</Link>
          </p>
        </div>
        <Button onClick={() => void again()}>Refresh</Button>
      </header>
      {newest ? (
        <div>
          <Tabs
            label="Schema"
            tabs={tabs}
            current={params.get("tab") ?? "fields"}
            onChange={(tab) => setParams({ tab }, { replace: true })}
          />
        </div>
      ) : (
        <p className={sheet.note}>No schema yet. A session infers it from the messages it processes.</p>
      )}
    </section>
  );
}

export function textOf({ jsonSchema }: SchemaVersion): string {
  return new TextDecoder().decode(jsonSchema);
}

/** Since when a version is known, in milliseconds since 1970. */
export function since({ sinceUnixTsNs }: SchemaVersion): number {
  return Number(sinceUnixTsNs / 1_000_000n);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
