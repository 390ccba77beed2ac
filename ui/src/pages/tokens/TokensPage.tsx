import { Plus } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "wouter";

import type { Token } from "../../gen/streamdal/console/v1/token_pb";
import { useConsole } from "../../live/context";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { search } from "../../parts/search";
import { SearchBox } from "../../parts/SearchBox";
import sheet from "../../parts/sheet.module.css";
import { count, sentence } from "../../parts/text";
import { useAsk } from "../../parts/useAsk";
import { useComeBack } from "../../parts/useComeBack";
import { IssueDialog } from "./IssueDialog";
import { RevokeDialog } from "./RevokeDialog";
import { TokenTable } from "./TokenTable";
import { tokens } from "./tokens";

/** The tokens that people and SDKs were given, to issue and to revoke. */
export default function TokensPage() {
  const { role } = useConsole();
  if (role === "admin") return <Administration />;
  return (
    <Empty title="Tokens are issued by administrators">
      <p>
        Your role is {role}. If you need a token, for an SDK or to do more here, ask somebody with the role admin. They see
        on this page whom they gave one, and can revoke it.
      </p>
    </Empty>
  );
}

function Administration() {
  const [asked, again] = useAsk("", async (signal) => (await tokens().list({}, { signal })).tokens);
  const [params, setParams] = useSearchParams();
  const [revoking, setRevoking] = useState<Token>();
  useComeBack(again);
  const query = params.get("q") ?? "";
  const set = (name: string, value: string | undefined, replace: boolean) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (value === undefined) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace },
    );
  const all = asked.state === "known" ? asked.value : undefined;
  const found = search(all ?? [], query, ({ id, name, role, service }) => `${name} ${role} ${service} ${id}`);
  if (asked.state === "failed") {
    return (
      <Empty title="The tokens cannot be shown">
        <p>{sentence(asked.reason)}</p>
        <Button onClick={() => void again()}>Try again</Button>
      </Empty>
    );
  }
  return (
    <div className={sheet.column}>
      <div className={sheet.tools}>
        <SearchBox label="Find a token" value={query} onChange={(value) => set("q", value || undefined, true)} />
        <span className="muted">{all ? count(all.length, "token") : " "}</span>
        <Button kind="primary" onClick={() => set("new", "", false)}>
          <Plus size={15} aria-hidden />
          Issue
        </Button>
      </div>
      {all?.length === 0 ? (
        <Empty title="No tokens yet">
          <p>
            The server&apos;s own token may do everything. Give SDKs and people tokens that may do less, that expire, and that
            you can revoke one by one. Tokens of the command line appear here when they are revoked.
          </p>
        </Empty>
      ) : (
        <TokenTable tokens={all && found} all={all ?? []} onRevoke={setRevoking} />
      )}
      {all && all.length > 0 && found.length === 0 && <p className={sheet.tools}>No token contains “{query}”.</p>}
      {params.has("new") && <IssueDialog onClose={() => set("new", undefined, false)} onIssued={again} />}
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} onRevoked={again} />}
    </div>
  );
}
