import { Send, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";

import type { NotificationConfig } from "../../gen/protos/notify_pb";
import { useCanEdit, useConsole, usePicture } from "../../live/context";
import { rest } from "../../live/rest";
import { succeeded } from "../../live/words";
import { Button } from "../../parts/Button";
import { Confirm } from "../../parts/Dialog";
import { Problem } from "../../parts/Field";
import { Heading } from "../../parts/Heading";
import sheet from "../../parts/sheet.module.css";
import { count, sentence } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { useWork } from "../../parts/useWork";
import { blank, configOf, type Draft, draftOf, kindName, same, usersOf } from "./config";
import { Fields } from "./Fields";

interface Props {
  /** The stored one; undefined to make a new one. */
  config: NotificationConfig | undefined;
  again: () => Promise<void>;
}

/** One notification config: its form, a test, who uses it. */
export function Notification({ config, again }: Props) {
  const { client } = useConsole();
  const toasts = useToasts();
  const canEdit = useCanEdit();
  const [, navigate] = useLocation();
  const [draft, setDraft] = useState<Draft>(() => (config ? draftOf(config) : blank));
  const work = useWork();
  const saved = config ? draftOf(config) : blank;
  const [seen, setSeen] = useState(saved);
  if (!same(seen, saved)) {
    // Somebody else saved it: what nobody has begun to change here follows.
    setSeen(saved);
    if (same(draft, seen)) setDraft(saved);
  }
  const dirty = !same(draft, saved);

  const save = async () => {
    if (config) {
      succeeded(await client.updateNotification({ notification: configOf(draft, config.id) }));
      await again();
      setDraft((now) => ({ ...now, secret: "" }));
      toasts.done(`Saved ${draft.name}`);
      return;
    }
    const { notification } = await client.createNotification({ notification: configOf(draft) });
    await again();
    toasts.done(`Made ${draft.name}`);
    navigate(`/notifications/${encodeURIComponent(notification?.id ?? "")}`, { replace: true });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void work.run(save);
  };

  return (
    <section className={sheet.sheet} aria-label="Notification">
      <Head config={config} again={again} dirty={dirty} />
      <form className={sheet.form} onSubmit={submit}>
        <Fields draft={draft} saved={config ? saved : undefined} disabled={!canEdit} onChange={(change) => setDraft((now) => ({ ...now, ...change }))} />
        {work.problem !== undefined && <Problem>{sentence(work.problem)}</Problem>}
        {canEdit && (
          <div className={sheet.buttons}>
            <Button kind="primary" type="submit" disabled={work.busy || (config !== undefined && !dirty)}>
              {config ? "Save" : "Create notification"}
            </Button>
            {config && dirty && (
              <Button kind="quiet" onClick={() => setDraft(saved)}>
                Discard
              </Button>
            )}
          </div>
        )}
      </form>
      {config && <Users id={config.id ?? ""} />}
    </section>
  );
}

function Head({ config, again, dirty }: Props & { dirty: boolean }) {
  const canEdit = useCanEdit();
  const [deleting, setDeleting] = useState(false);
  const work = useWork();
  const [outcome, setOutcome] = useState<string>();
  if (!config) return <h2>New notification</h2>;
  const id = config.id ?? "";
  const test = async () => {
    setOutcome(undefined);
    const answer = await rest("POST", `/api/v1/notifications/${encodeURIComponent(id)}/test`);
    setOutcome(((await answer.json()) as { message: string }).message);
  };
  return (
    <>
      <header className={sheet.head}>
        <div className={sheet.names}>
          <Heading name={config.name} />
          <p className={sheet.meta}>
            <span>{kindName(config)}</span>
            <span className="mono">{id}</span>
            {config.CreatedBy && <span>made by {config.CreatedBy}</span>}
          </p>
        </div>
        {canEdit && (
          <div className={sheet.buttons}>
            <Button disabled={work.busy || dirty} title={dirty ? "Save first: a test uses what is stored." : undefined} onClick={() => void work.run(test)}>
              <Send size={14} aria-hidden />
              {work.busy ? "Sending…" : "Send test"}
            </Button>
            <Button kind="danger" onClick={() => setDeleting(true)}>
              <Trash2 size={14} aria-hidden />
              Delete
            </Button>
          </div>
        )}
      </header>
      {outcome !== undefined && <p role="status">{sentence(outcome)}</p>}
      {work.problem !== undefined && <Problem>{sentence(work.problem)}</Problem>}
      {deleting && <Deletion config={config} again={again} onClose={() => setDeleting(false)} />}
    </>
  );
}

function Users({ id }: { id: string }) {
  const { model } = usePicture();
  const users = usersOf(id, model?.pipelines.values() ?? []);
  return (
    <div className={sheet.section}>
      <h3>{users.length > 0 ? `Used by ${count(users.length, "pipeline")}` : "Not used yet"}</h3>
      {users.length === 0 && <p className={sheet.note}>No step of any pipeline sends to it.</p>}
      <ul className={sheet.rows}>
        {users.map((pipeline) => (
          <li key={pipeline.id}>
            <Link href={`/pipelines/${encodeURIComponent(pipeline.id)}`}>{pipeline.name}</Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Deletion({ config, again, onClose }: { config: NotificationConfig; again: () => Promise<void>; onClose: () => void }) {
  const { client } = useConsole();
  const { model } = usePicture();
  const toasts = useToasts();
  const [, navigate] = useLocation();
  const work = useWork();
  const users = usersOf(config.id ?? "", model?.pipelines.values() ?? []);
  const remove = () =>
    work.run(async () => {
      succeeded(await client.deleteNotification({ notificationId: config.id ?? "" }));
      toasts.done(`Deleted ${config.name}`);
      navigate("/notifications");
      await again();
    });
  return (
    <Confirm
      title={`Delete ${config.name}?`}
      action={`Delete ${config.name}`}
      busy={work.busy}
      problem={work.problem}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      {users.length === 0 ? <p>No pipeline sends to it.</p> : <p>These pipelines go on running, but send nothing there any more:</p>}
      {users.length > 0 && (
        <ul>
          {users.map((pipeline) => (
            <li key={pipeline.id}>{pipeline.name}</li>
          ))}
        </ul>
      )}
    </Confirm>
  );
}
