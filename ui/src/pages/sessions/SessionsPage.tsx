import { X } from "lucide-react";
import { useMemo } from "react";
import { Link, useSearchParams } from "wouter";

import { parseKey } from "../../live/audience";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Check } from "../../parts/Field";
import { search } from "../../parts/search";
import { SearchBox } from "../../parts/SearchBox";
import sheet from "../../parts/sheet.module.css";
import { count } from "../../parts/text";
import { useGlance } from "../../parts/useGlance";
import { type Column, columns, type Row, rowOf, sorted } from "./rows";
import { SessionTable } from "./SessionTable";

/** Every connected SDK of all nodes, and whether it has the rules that it should run. */
export default function SessionsPage() {
  const [asked, again] = useGlance();
  const [params, setParams] = useSearchParams();
  const query = params.get("q") ?? "";
  const behind = params.has("behind");
  const dry = params.has("dry");
  const op = params.get("op");
  const by = columns.find(({ id }) => id === params.get("sort"))?.id ?? "service";
  const descending = params.has("desc");
  const all = useMemo(() => (asked.state === "known" ? asked.value.sessions.map(rowOf) : undefined), [asked]);
  const shown = useMemo(() => {
    const rows = (all ?? []).filter((row) => (!behind || row.state !== "current") && (!dry || row.dryRun) && (!op || row.operations.includes(op)));
    const found = search(rows, query, ({ service, language, version, node, id }) => `${service} ${language} ${version} ${node} ${id}`);
    return sorted(found, by, descending);
  }, [all, query, behind, dry, op, by, descending]);
  const set = (change: Record<string, string | undefined>) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        for (const [name, value] of Object.entries(change)) {
          if (value === undefined) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  const sort = (column: Column) => set({ sort: column, desc: column === by && !descending ? "" : undefined });
  if (asked.state === "failed") {
    return (
      <Empty title="The sessions cannot be shown">
        <p>{asked.reason}</p>
        <Button onClick={again}>Try again</Button>
      </Empty>
    );
  }
  return (
    <div className={sheet.column}>
      <div className={sheet.tools}>
        <SearchBox label="Find a session" value={query} onChange={(value) => set({ q: value || undefined })} />
        <Check label="Behind only" checked={behind} onChange={(on) => set({ behind: on ? "" : undefined })} />
        <Check label="Dry run only" checked={dry} onChange={(on) => set({ dry: on ? "" : undefined })} />
        {op && (
          <Button kind="quiet" onClick={() => set({ op: undefined })} aria-label={`Of ${parseKey(op)?.operation ?? op} only: show all`}>
            {parseKey(op)?.operation ?? op} only
            <X size={14} aria-hidden />
          </Button>
        )}
        <span className="muted" data-testid="sessions">
          {all && all.length > 0 ? summary(all, shown) : " "}
        </span>
      </div>
      {all?.length === 0 ? (
        <Empty title="No session is connected">
          <p>A session is one running program with the SDK in it. It appears here a moment after it starts.</p>
          <Link href="/settings?sdk=go">Connect an SDK</Link>
        </Empty>
      ) : (
        <SessionTable rows={all && shown} by={by} descending={descending} onSort={sort} />
      )}
    </div>
  );
}

/** "12 of 12 have their rules". */
function summary(all: Row[], shown: Row[]): string {
  const have = shown.filter(({ state }) => state === "current").length;
  const of = shown.length === all.length ? "" : ` (of ${count(all.length, "session")})`;
  return `${have.toLocaleString("en")} of ${shown.length.toLocaleString("en")} have their rules${of}`;
}
