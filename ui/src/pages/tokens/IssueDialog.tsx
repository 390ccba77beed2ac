import { useId, useState } from "react";

import { usePicture } from "../../live/context";
import { httpSession } from "../../live/session";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Field, Problem, Select } from "../../parts/Field";
import sheet from "../../parts/sheet.module.css";
import { Snippet } from "../../parts/Snippet";
import { sentence } from "../../parts/text";
import { useAsk } from "../../parts/useAsk";
import { useWork } from "../../parts/useWork";
import { blank, commandOf, lifetimes, requestOf, roles, tokens, type Wish } from "./tokens";

interface Props {
  onClose: () => void;
  onIssued: () => Promise<void>;
}

/** Asks what the token shall be, then shows it: this once. */
export function IssueDialog({ onClose, onIssued }: Props) {
  const [issued, setIssued] = useState<{ token: string; wish: Wish }>();
  if (issued) return <Issued {...issued} onClose={onClose} />;
  return (
    <Form
      onClose={onClose}
      onToken={async (token, wish) => {
        setIssued({ token, wish });
        await onIssued();
      }}
    />
  );
}

function Form({ onClose, onToken }: { onClose: () => void; onToken: (token: string, wish: Wish) => Promise<void> }) {
  const work = useWork();
  const { model } = usePicture();
  const [wish, setWish] = useState(blank);
  const known = useId();
  const [you] = useAsk("", () => httpSession.read());
  const scoped = you.state === "known" && you.value?.token !== undefined;
  const change = (part: Partial<Wish>) => setWish((now) => ({ ...now, ...part }));
  const issue = () => work.run(async () => onToken((await tokens().issue(requestOf(wish, Date.now()))).token, wish));
  return (
    <Dialog
      title="Issue a token"
      onClose={onClose}
      footer={
        <Button kind="primary" disabled={work.busy} onClick={() => void issue()}>
          Issue
        </Button>
      }
    >
      <Field label="Name" value={wish.name} onChange={(name) => change({ name })} hint="Whom or what it is for. It is part of the token." data-autofocus />
      <Select
        label="Role"
        value={wish.role}
        onChange={(role) => change({ role })}
        options={roles.filter(([role]) => !scoped || role !== "admin").map(([role, label]) => [role, label])}
        hint={roles.find(([role]) => role === wish.role)?.[2]}
      />
      {wish.role === "sdk" && (
        <>
          <Field
            label="Service"
            value={wish.service}
            onChange={(service) => change({ service })}
            hint="The only one that it may speak for. Left blank: any."
            list={known}
          />
          <datalist id={known}>{model?.services.map(({ name }) => <option key={name} value={name} />)}</datalist>
        </>
      )}
      <Select label="Expires" value={wish.hours} onChange={(hours) => change({ hours })} options={lifetimes} />
      {scoped && <p className={sheet.note}>You are logged in with a token yourself: what you issue cannot outlive it, nor be an administrator&apos;s.</p>}
      <p className={sheet.note}>The same on the command line, with the root token and without a server:</p>
      <Snippet label="Command" text={commandOf(wish)} wrapped />
      {work.problem !== undefined && <Problem>{sentence(work.problem)}</Problem>}
    </Dialog>
  );
}

function Issued({ token, wish, onClose }: { token: string; wish: Wish; onClose: () => void }) {
  const [warned, setWarned] = useState(false);
  return (
    <Dialog
      title={wish.name.trim() === "" ? "The token" : `The token for ${wish.name.trim()}`}
      onClose={() => (warned ? onClose() : setWarned(true))}
      footer={
        <Button kind="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <p>Copy it now: it is shown this once, and kept nowhere.</p>
      <Snippet label="Token" text={token} wrapped />
      <p className={sheet.note}>
        {wish.role === "sdk" ? (
          <>
            SDKs read it from <code>STREAMDAL_TOKEN</code>.
          </>
        ) : (
          <>
            It goes into the log-in form, or with requests of tools as <code>Authorization: Bearer</code>.
          </>
        )}
      </p>
      {warned && <Problem>It cannot be shown again. Close once more if you do not need it.</Problem>}
    </Dialog>
  );
}
