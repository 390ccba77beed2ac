import { Link, useSearchParams } from "wouter";

import type { Operation } from "../../live/model";
import { Ago } from "../../parts/Ago";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Heading } from "../../parts/Heading";
import { since, useSchema } from "../../parts/schema";
import { SchemaActions } from "../../parts/SchemaActions";
import { schemaViews } from "../../parts/SchemaViews";
import { selectionUrl } from "../../parts/selection";
import sheet from "../../parts/sheet.module.css";
import { Tabs } from "../../parts/Tabs";

/** The schema of one operation: as a tree, as JSON, and how it grew. */
export function SchemaOf({ operation }: { operation: Operation }) {
  const [asked, again] = useSchema(operation.key);
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
  return (
    <section className={sheet.sheet} aria-label="Schema">
      <header className={sheet.head}>
        <div className={sheet.names}>
          <Heading name={operation.operation} />
          <p className={sheet.meta}>
            {newest && <span>version {newest.version}</span>}
            {newest && since(newest) > 0 && <span>new <Ago at={since(newest)} /></span>}
            <Link href={selectionUrl({ kind: "op", id: operation.key })}>on the map</Link>
          </p>
        </div>
        {newest && <SchemaActions operation={operation} schema={newest} />}
        <Button onClick={() => void again()}>Refresh</Button>
      </header>
      {newest ? (
        <div className={sheet.tabs}>
          <Tabs
            label="Schema"
            tabs={schemaViews(versions)}
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
