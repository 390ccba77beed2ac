import type { SchemaVersion } from "../gen/streamdal/console/v1/schema_pb";
import { FieldTree } from "./FieldTree";
import { pretty } from "./pretty";
import { textOf } from "./schema";
import { SchemaHistory } from "./SchemaHistory";
import { Snippet } from "./Snippet";
import type { Tab } from "./Tabs";

/** The ways to look at a schema that has at least one version: its fields, its JSON, and how it grew. */
export function schemaViews(versions: readonly SchemaVersion[]): Tab[] {
  const text = textOf(versions.at(-1)!);
  return [
    { id: "fields", label: "Fields", body: () => <FieldTree text={text} /> },
    { id: "json", label: "JSON", body: () => <Snippet label="JSON schema" text={pretty(text)} /> },
    { id: "history", label: "History", count: versions.length, body: () => <SchemaHistory versions={versions} /> },
  ];
}
