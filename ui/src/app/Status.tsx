import type { Connection } from "../live/live";
import { useConsole, usePicture } from "../live/context";
import { Button } from "../parts/Button";
import { age, sentence } from "../parts/text";
import { useNow } from "../parts/useNow";
import css from "./status.module.css";

// One failed attempt is most often a restart; from the third on, people should know.
const patience = 2;

export function isOffline(connection: Connection): boolean {
  return connection.phase === "waiting" && (connection.attempt >= patience || !navigator.onLine);
}

/** The connection's state, always in view. */
export function Status() {
  const { live } = useConsole();
  const { connection } = usePicture();
  const waiting = connection.phase === "waiting";
  const now = useNow(waiting);
  if (connection.phase === "live") return <Badge tone="ok" text="Live" />;
  if (!waiting) return <Badge tone="idle" text={connection.phase === "resting" ? "Resting" : "Connecting"} />;
  const seconds = Math.max(1, Math.ceil((connection.retryAt - now) / 1_000));
  const text = isOffline(connection) ? "Offline" : `Reconnecting in ${seconds} s`;
  return (
    <button
      type="button"
      className={css.retry}
      title={`${sentence(connection.reason)} Click to try again now.`}
      onClick={live.retryNow}
    >
      <Badge tone={isOffline(connection) ? "error" : "warn"} text={text} />
    </button>
  );
}

function Badge({ tone, text }: { tone: "ok" | "warn" | "error" | "idle"; text: string }) {
  return (
    <span className={css.badge} data-tone={tone} data-testid="connection">
      <span className={css.dot} aria-hidden />
      {text}
    </span>
  );
}

/** A strip above the page while what it shows is old. */
export function StaleStrip() {
  const { live } = useConsole();
  const { connection, heardAt, model } = usePicture();
  const offline = isOffline(connection);
  const now = useNow(offline);
  if (connection.phase !== "waiting" || !offline) return null;
  const next = Math.max(1, Math.ceil((connection.retryAt - now) / 1_000));
  return (
    <div className={css.strip} role="status">
      <span>
        {model ? `You are looking at the state of ${age(now - heardAt)} ago. ` : ""}
        {sentence(connection.reason)} Next attempt in {next} s.
      </span>
      <Button kind="quiet" onClick={live.retryNow}>
        Try now
      </Button>
    </div>
  );
}
