import { useMemo } from "react";
import { useSearchParams } from "wouter";

import type { SchemaVersion } from "../../gen/streamdal/console/v1/schema_pb";
import { Select } from "../../parts/Field";
import sheet from "../../parts/sheet.module.css";
import { changes } from "./fields";
import { since, textOf } from "./SchemaOf";
import css from "./schemas.module.css";

/** Two versions of a schema and what differs between them, field by field. */
export function History({ versions }: { versions: SchemaVersion[] }) {
  const [params, setParams] = useSearchParams();
  const pick = (name: string, fallback: SchemaVersion) => versions.find(({ version }) => String(version) === params.get(name)) ?? fallback;
  const newest = versions.at(-1)!;
  const from = pick("from", versions.at(-2) ?? newest);
  const to = pick("to", newest);
  const found = useMemo(() => changes(textOf(from), textOf(to)), [from, to]);
  const options = versions.toReversed().map((one) => [String(one.version), label(one)] as const);
  const set = (name: string, version: string) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        next.set(name, version);
        return next;
      },
      { replace: true },
    );
  if (versions.length === 1) return <p className={sheet.note}>There is one version so far: {label(newest)}.</p>;
  return (
    <>
      <div className={css.pickers}>
        <Select label="From" options={options} value={String(from.version)} onChange={(version) => set("from", version)} />
        <Select label="To" options={options} value={String(to.version)} onChange={(version) => set("to", version)} />
      </div>
      {found.length === 0 && <p className={sheet.note}>These versions do not differ in any field.</p>}
      <ul className={css.changes} aria-label="Changes">
        {found.map(({ path, before, after }) => (
          <li key={path}>
            <code>{path}</code>
            {before !== undefined && <span className={css.before}>{after === undefined ? `− gone: ${before}` : `− ${before}`}</span>}
            {after !== undefined && <span className={css.after}>{before === undefined ? `+ new: ${after}` : `+ ${after}`}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

function label(one: SchemaVersion): string {
  const time = since(one);
  return time > 0 ? `version ${one.version}, ${new Date(time).toLocaleString()}` : `version ${one.version}`;
}
