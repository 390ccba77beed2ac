import { useState } from "react";
import { useLocation } from "wouter";

import { useConsole } from "../../live/context";
import { rest } from "../../live/rest";
import { Button } from "../../parts/Button";
import { Confirm } from "../../parts/Dialog";
import sheet from "../../parts/sheet.module.css";
import { useToasts } from "../../parts/toast";
import { useWork } from "../../parts/useWork";

/** A config whose secrets were sealed with a key that this server was not given. */
export function Locked({ id, again }: { id: string; again: () => Promise<void> }) {
  const { role } = useConsole();
  const toasts = useToasts();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const work = useWork();
  const drop = () =>
    work.run(async () => {
      await rest("DELETE", `/api/v1/notifications/${encodeURIComponent(id)}?lost-key=yes`);
      toasts.done(`Deleted ${id}`);
      navigate("/notifications");
      await again();
    });
  return (
    <section className={sheet.sheet} aria-label="Notification">
      <header className={sheet.head}>
        <div className={sheet.names}>
          <h2>Locked</h2>
          <p className={`${sheet.meta} mono`}>{id}</p>
        </div>
      </header>
      <p className={sheet.note}>
        This notification is sealed with a key that this server was not given. Nothing is sent to it until the server is
        started with that key (see <code>streamdal-server serve --help</code>). Nothing is lost meanwhile.
      </p>
      {role === "admin" && (
        <div>
          <Button kind="danger" onClick={() => setAsking(true)}>
            The key is lost
          </Button>
        </div>
      )}
      {asking && (
        <Confirm title={`Delete ${id}?`} action="Delete it for good" busy={work.busy} problem={work.problem} onConfirm={() => void drop()} onClose={() => setAsking(false)}>
          <p>Do this only when the key will never be found: the secret in it is gone afterwards.</p>
        </Confirm>
      )}
    </section>
  );
}
