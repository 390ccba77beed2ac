import type { Token } from "../../gen/streamdal/console/v1/token_pb";
import { Ago } from "../../parts/Ago";
import { Button } from "../../parts/Button";
import sheet from "../../parts/sheet.module.css";
import { age, moment } from "../../parts/text";
import { useNow } from "../../parts/useNow";
import { nameOf, stateOf, whoOf } from "./tokens";
import css from "./tokens.module.css";

interface Props {
  tokens: readonly Token[] | undefined;
  /** The whole list, which knows who issued what. */
  all: readonly Token[];
  onRevoke: (token: Token) => void;
}

export function TokenTable({ tokens, all, onRevoke }: Props) {
  const now = useNow(true);
  return (
    <div className={sheet.tableBox} tabIndex={0} role="region" aria-label="Tokens">
      <table className={sheet.table} aria-busy={tokens === undefined}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">State</th>
            <th scope="col">Issued</th>
            <th scope="col">Id</th>
            <th scope="col" className={css.act}>
              <span className={css.quiet}>Action</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens?.map((token) => (
            <Row key={token.id} token={token} all={all} now={now} onRevoke={() => onRevoke(token)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ token, all, now, onRevoke }: { token: Token; all: readonly Token[]; now: number; onRevoke: () => void }) {
  const state = stateOf(token, now);
  return (
    <tr>
      <td className={sheet.cell}>{token.name || <span className="muted">{token.issuedUnix ? "unnamed" : "of the command line"}</span>}</td>
      <td className={sheet.cell}>
        {token.role || <span className="muted">not known</span>}
        {token.service && <span className="muted"> for {token.service}</span>}
      </td>
      <td>
        <span className={css.state} data-state={state}>
          {state}
        </span>{" "}
        <span className="muted">
          <Since token={token} all={all} now={now} />
        </span>
      </td>
      <td className={sheet.cell}>
        {token.issuedUnix ? <AgoBy at={token.issuedUnix} who={whoOf(token.issuedBy, all)} /> : <span className="muted">not known</span>}
      </td>
      <td className="mono muted">{token.id}</td>
      <td className={css.act}>
        {state === "works" && (
          <Button kind="danger" onClick={onRevoke} aria-label={`Revoke ${nameOf(token)}`}>
            Revoke
          </Button>
        )}
      </td>
    </tr>
  );
}

function Since({ token: { revokedUnix, revokedBy, expiresUnix }, all, now }: { token: Token; all: readonly Token[]; now: number }) {
  if (revokedUnix) return <AgoBy at={revokedUnix} who={whoOf(revokedBy, all)} />;
  if (!expiresUnix) return "until it is revoked";
  const end = Number(expiresUnix) * 1_000;
  return end > now ? <span title={moment(end)}>for {age(end - now)}</span> : <Ago at={end} />;
}

function AgoBy({ at, who }: { at: bigint; who: string }) {
  return (
    <>
      <Ago at={Number(at) * 1_000} /> by {who}
    </>
  );
}
