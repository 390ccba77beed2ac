import { useMemo, useState } from "react";

import type { Charts } from "../../../gen/streamdal/console/v1/console_pb";
import { useNode, usePicture } from "../../../live/context";
import type { Operation } from "../../../live/model";
import { Bones } from "../../../parts/Bones";
import { sentence } from "../../../parts/text";
import { useMapAddress } from "../useSelection";
import { beginning, chartsOf, isQuiet, timesOf } from "./charts";
import { ChartTable } from "./ChartTable";
import { Chart } from "./Chart";
import css from "./live.module.css";
import tab from "./tab.module.css";
import { useCharts } from "./useCharts";

/** What passed through an operation in the last hour. */
export default function LiveTab({ operation }: { operation: Operation }) {
  const { charts, problem } = useCharts(operation.key);
  if (!charts) {
    return problem === undefined ? <Bones rows={4} /> : <p className={tab.none}>The charts cannot be shown: {sentence(problem)}</p>;
  }
  return (
    <div className={tab.tab}>
      {problem !== undefined && (
        <p className={css.problem} role="status">
          The newest points are missing: {sentence(problem)}
        </p>
      )}
      {charts.processed.length === 0 ? (
        <p className={tab.none}>The node has just started. The first point comes some 20 seconds after that.</p>
      ) : isQuiet(charts) ? (
        <p className={tab.none}>
          Nothing passed in the time that is known.
          {operation.sessions.length === 0 ? " No session is live." : " Messages are counted when the program processes them."}
        </p>
      ) : (
        <Shown charts={charts} />
      )}
      <Note charts={charts} />
    </div>
  );
}

function Shown({ charts }: { charts: Charts }) {
  const { get, set } = useMapAddress();
  const { model } = usePicture();
  const [at, setAt] = useState<number>();
  const shown = useMemo(() => chartsOf(charts, (id) => model?.pipelines.get(id)?.pipeline.name ?? id), [charts, model]);
  const times = useMemo(() => timesOf(charts), [charts]);
  const asTable = get("as") === "table";
  return (
    <>
      {asTable ? (
        <ChartTable charts={charts} shown={shown} />
      ) : (
        shown.map((chart) => <Chart key={chart.title} chart={chart} times={times} at={at} onAt={setAt} />)
      )}
      <button type="button" className={css.asTable} aria-pressed={asTable} onClick={() => set("as", asTable ? "" : "table")}>
        {asTable ? "Show as charts" : "Show as a table"}
      </button>
    </>
  );
}

/** Where the numbers come from, and what they leave out. */
function Note({ charts }: { charts: Charts }) {
  const node = useNode();
  const since = beginning(charts);
  const name = node?.name ?? "the node that answers";
  return (
    <p className={tab.note}>
      Of all nodes together, 10 to 20 seconds behind.
      {since !== undefined && ` They begin at ${clock(since)}, when ${name} started.`} SDKs count messages, bytes, errors and, except Node&apos;s,
      notifications that steps ask for. They do not count what steps detect: a step that notifies shows how often it does.
    </p>
  );
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
