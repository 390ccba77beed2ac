import type { ReactNode } from "react";
import { Link } from "wouter";

import { useConsole, usePicture } from "../../live/context";
import { httpSession } from "../../live/session";
import { Connect } from "../../parts/Connect";
import { Problem } from "../../parts/Field";
import sheet from "../../parts/sheet.module.css";
import { Snippet } from "../../parts/Snippet";
import { count, moment, sentence } from "../../parts/text";
import { applyTheme, type Theme, useTheme } from "../../parts/theme";
import { useAsk } from "../../parts/useAsk";
import { useGlance } from "../../parts/useGlance";
import { Copy } from "./Copy";
import css from "./settings.module.css";

/** How this browser shows things, how the server is doing, and how to connect to it. */
export default function SettingsPage() {
  return (
    <div className={sheet.scroll}>
      <div className={sheet.sheet}>
        <Section title="Theme">
          <ThemeChoice />
        </Section>
        <Section title="Server">
          <Server />
        </Section>
        <Section title="Connect an SDK">
          <Connect />
        </Section>
        <Section title="Token">
          <Token />
        </Section>
        <Copy />
      </div>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={css.section} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const themes: readonly (readonly [Theme, string])[] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

function ThemeChoice() {
  const theme = useTheme();
  return (
    <div role="radiogroup" aria-label="Theme" className={css.choices}>
      {themes.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name="theme" checked={theme === value} onChange={() => applyTheme(value)} />
          {label}
        </label>
      ))}
    </div>
  );
}

function Server() {
  const { role } = useConsole();
  const { model } = usePicture();
  const [asked] = useGlance();
  if (asked.state === "failed") return <Problem>{sentence(asked.reason)}</Problem>;
  const node = asked.state === "known" ? asked.value.node : undefined;
  return (
    <>
      {node && node.trouble !== "" && <Problem>{sentence(node.trouble)}</Problem>}
      <dl className={sheet.facts}>
        <dt>This node</dt>
        <dd>{node?.name ?? "…"}</dd>
        <dt>Version</dt>
        <dd>{node ? node.version || "not named" : "…"}</dd>
        <dt>Revision</dt>
        <dd>{node ? node.revision.toString() : "…"}</dd>
        <dt>Nodes</dt>
        <dd>{node ? node.nodes.join(", ") || node.name : "…"}</dd>
        <dt>Sessions</dt>
        <dd>{model ? count(model.sessions, "session") : "…"}</dd>
        <dt>Your role</dt>
        <dd>{role}</dd>
        <You />
      </dl>
    </>
  );
}

/** What this person is logged in with. */
function You() {
  const [asked] = useAsk("", () => httpSession.read());
  const you = asked.state === "known" ? asked.value : undefined;
  return (
    <>
      <dt>Your token</dt>
      <dd>{you?.token ? <code>{you.token}</code> : you ? "the root token" : "…"}</dd>
      <dt>Your session ends</dt>
      <dd>{you?.expires ? moment(you.expires) : "…"}</dd>
    </>
  );
}

function Token() {
  return (
    <div className={sheet.section}>
      <p className={sheet.note}>
        The server has one root token. Set your own when you start it; all nodes of a cluster need the
        same one:
      </p>
      <Snippet label="Make a token" text="streamdal-server token" />
      <Snippet label="Start with it" text="STREAMDAL_SERVER_AUTH_TOKEN=… streamdal-server serve" />
      <p className={sheet.note}>
        A server that is given none makes one at its first start and keeps it in the file <code>auth-token</code> of its data
        directory.
      </p>
      <p className={sheet.note}>
        Whoever holds it may do everything. Give SDKs and people <Link href="/tokens">tokens that may do less</Link>. To change
        it, start the server with another one: who used the old one, or a token that came from it, is refused from then on.
      </p>
    </div>
  );
}
