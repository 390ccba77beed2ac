import type { Connection } from "../live/live";
import { useConsole, useNode, usePicture } from "../live/context";
import { Button } from "../parts/Button";
import { age, sentence } from "../parts/text";
import { useNow } from "../parts/useNow";
import css from "./status.module.css";

// One failed attempt is most often a restart; from the third on, people should know.
const patience = 2;

export function isOffline(connection: Connection): boolean {
  return connection.phase === "waiting" && (connection.attempt >= patience || !navigator.onLine);
}

/** Which node answers, and the revision of what it serves. */
export function NodeName() {
  const node = useNode();
  if (!node) return null;
  return (
    <span className={css.node} data-testid="node" title={`Node ${node.name}, version ${node.version || "not named"}`}>
      {node.name} <span>rev {node.revision.toString()}</span>
    </span>
  );
}

/** A strip above the page while the node has something to say about itself. */
export function TroubleStrip() {
  const trouble = useNode()?.trouble ?? "";
  const { connection } = usePicture();
  if (trouble === "" || connection.phase !== "live") return null;
  return (
    <div className={css.strip} role="status">
      {sentence(trouble)}
    </div>
  );
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
