import { useState } from "react";
import { Link } from "wouter";

import { usePicture } from "../../live/context";
import type { Operation } from "../../live/model";
import { DirectionMark } from "../../parts/Direction";
import { Empty } from "../../parts/Empty";
import { Master, MasterBones, MasterRow } from "../../parts/Master";
import { search } from "../../parts/search";
import { SearchBox } from "../../parts/SearchBox";
import { useChosen } from "../../parts/useChosen";
import { SchemaOf } from "./SchemaOf";

/** The shape of what each operation processes, as SDKs inferred it. */
export default function SchemasPage() {
  const { model } = usePicture();
  const [query, setQuery] = useState("");
  const chosen = useChosen("key");
  const operation = chosen === undefined ? undefined : model?.operations.get(chosen);
  const found = search([...(model?.operations.values() ?? [])], query, (one) => `${one.operation} ${one.service} ${one.component}`);
  return (
    <Master
      title="All operations"
      href="/schemas"
      open={chosen !== undefined}
      tools={<SearchBox label="Find an operation" value={query} onChange={setQuery} />}
      list={
        <>
          <ul>
            {!model && MasterBones()}
            {found.map((one) => (
              <Row key={one.key} operation={one} current={one.key === chosen} />
            ))}
          </ul>
          {model && found.length === 0 && query !== "" && <p>No operation matches “{query}”.</p>}
        </>
      }
    >
      {operation && <SchemaOf key={operation.key} operation={operation} />}
      {model?.operations.size === 0 && chosen === undefined && (
        <Empty title="No operation yet">
          <p>SDKs learn the shape of messages while they process them. Operations appear here when an SDK has announced them.</p>
          <Link href="/settings?sdk=go">Connect an SDK</Link>
        </Empty>
      )}
      {model && model.operations.size > 0 && chosen === undefined && (
        <Empty title="Choose an operation">
          <p>SDKs learn the shape of messages while they process them. Every change of it is kept as a version.</p>
        </Empty>
      )}
      {model && chosen !== undefined && !operation && (
        <Empty title="This operation does not exist">
          <p>
            The server knows none with the key <code>{chosen}</code>. It may have been deleted.
          </p>
        </Empty>
      )}
    </Master>
  );
}

function Row({ operation, current }: { operation: Operation; current: boolean }) {
  const { key, direction, service, component } = operation;
  return (
    <MasterRow
      href={`/schemas/${encodeURIComponent(key)}`}
      current={current}
      name={operation.operation}
      end={<DirectionMark direction={direction} />}
      line={direction === "consumer" ? `${service} ← ${component}` : `${service} → ${component}`}
    />
  );
}
