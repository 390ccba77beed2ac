import { useMemo } from "react";
import { useSearchParams } from "wouter";

import type { SchemaVersion } from "../gen/streamdal/console/v1/schema_pb";
import { Select } from "./Field";
import { type Change, changes } from "./fields";
import { JsonDiff } from "./JsonDiff";
import { since, textOf } from "./schema";
import css from "./schema.module.css";
import sheet from "./sheet.module.css";
import { count } from "./text";

/** Two versions of a schema and what differs between them: field by field, and line by line. */
export function SchemaHistory({ versions }: { versions: readonly SchemaVersion[] }) {
  const [params, setParams] = useSearchParams();
  const pick = (name: string, fallback: SchemaVersion) => versions.find(({ version }) => String(version) === params.get(name)) ?? fallback;
  const newest = versions.at(-1)!;
  const from = pick("from", versions.at(-2) ?? newest);
  const to = pick("to", newest);
  const [before, after] = [textOf(from), textOf(to)];
  const found = useMemo(() => changes(before, after), [before, after]);
  const options = versions.toReversed().map((one) => [String(one.version), label(one)] as const);
  const lines = params.has("lines");
  const set = (name: string, value: string | undefined) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (value === undefined) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  if (versions.length === 1) return <p className={sheet.note}>There is one version so far: {label(newest)}.</p>;
  return (
    <div className={sheet.section}>
      <div className={css.pickers}>
        <Select label="From" options={options} value={String(from.version)} onChange={(version) => set("from", version)} />
        <Select label="To" options={options} value={String(to.version)} onChange={(version) => set("to", version)} />
      </div>
      <Changes found={found} />
      <details className={css.lines} open={lines} onToggle={({ currentTarget: { open } }) => open !== lines && set("lines", open ? "" : undefined)}>
        <summary>As JSON, line by line</summary>
        {lines && (
          <JsonDiff label={`Version ${from.version} and version ${to.version} as JSON`} before={before} after={after} same="Both versions are the same." />
        )}
      </details>
    </div>
  );
}

function Changes({ found }: { found: Change[] }) {
  if (found.length === 0) return <p className={sheet.note}>These versions do not differ in any field.</p>;
  return (
    <>
      <p className={sheet.note}>{count(found.length, "field")} changed</p>
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

const moment = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

function label(one: SchemaVersion): string {
  const time = since(one);
  return time > 0 ? `version ${one.version}, ${moment.format(time)}` : `version ${one.version}`;
}
