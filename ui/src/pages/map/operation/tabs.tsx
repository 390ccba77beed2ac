import { type ReactNode, Suspense } from "react";

import type { Operation } from "../../../live/model";
import { Bones } from "../../../parts/Bones";
import { lazily } from "../../../parts/lazily";
import type { Tab } from "../../../parts/Tabs";

// Each comes when it is first looked at: charts and dragging are no small matter.
const PipelinesTab = lazily(() => import("./PipelinesTab"));
const LiveTab = lazily(() => import("./LiveTab"));
const SessionsTab = lazily(() => import("./SessionsTab"));
const SchemaTab = lazily(() => import("./SchemaTab"));
const TailTab = lazily(() => import("./TailTab"));

/** The tabs of an operation's panel, the first one being shown first. */
export function operationTabs(operation: Operation): Tab[] {
  return [
    { id: "pipelines", label: "Pipelines", count: operation.pipelines.length, body: () => later(<PipelinesTab operation={operation} />) },
    { id: "live", label: "Live", body: () => later(<LiveTab operation={operation} />) },
    { id: "tail", label: "Tail", body: () => later(<TailTab operation={operation} />) },
    { id: "schema", label: "Schema", body: () => later(<SchemaTab operation={operation} />) },
    { id: "sessions", label: "Sessions", count: operation.sessions.length, body: () => later(<SessionsTab operation={operation} />) },
  ];
}

function later(tab: ReactNode): ReactNode {
  return <Suspense fallback={<Bones />}>{tab}</Suspense>;
}
