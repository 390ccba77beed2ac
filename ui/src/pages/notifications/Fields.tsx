import { Check, Field, Select } from "../../parts/Field";
import sheet from "../../parts/sheet.module.css";
import { type Draft, type Kind, kinds } from "./config";

interface Props {
  draft: Draft;
  /** What is stored; undefined for a new one. */
  saved: Draft | undefined;
  disabled: boolean;
  onChange: (change: Partial<Draft>) => void;
}

/** The inputs of a notification config, by its kind. */
export function Fields(props: Props) {
  const { draft, disabled, onChange } = props;
  const mail = draft.kind === "smtp" || draft.kind === "ses";
  return (
    <>
      <Field label="Name" required disabled={disabled} value={draft.name} onChange={(name) => onChange({ name })} />
      <Select label="Sends to" options={kinds} disabled={disabled} value={draft.kind} onChange={(kind) => onChange({ kind: kind as Kind })} />
      {draft.kind === "slack" && <Slack {...props} />}
      {mail && <Mail {...props} />}
      {draft.kind === "smtp" && <Smtp {...props} />}
      {draft.kind === "ses" && <Ses {...props} />}
      {draft.kind === "pagerduty" && <PagerDuty {...props} />}
    </>
  );
}

function Slack(props: Props) {
  const { draft, disabled, onChange } = props;
  return (
    <>
      <Field label="Channel" required disabled={disabled} hint="Its name, such as #alerts, or its id." value={draft.channel} onChange={(channel) => onChange({ channel })} />
      <Secret {...props} label="Bot token" hint="Begins with xoxb-. The bot must be a member of the channel." />
    </>
  );
}

function Mail({ draft, disabled, onChange }: Props) {
  return (
    <>
      <Field label="Recipients" required disabled={disabled} hint="Several with commas between them." value={draft.recipients.replaceAll("\n", ", ")} onChange={(recipients) => onChange({ recipients })} />
      <Field label="From" required type="email" disabled={disabled} value={draft.from} onChange={(from) => onChange({ from })} />
    </>
  );
}

function Smtp(props: Props) {
  const { draft, disabled, onChange } = props;
  return (
    <>
      <div className={sheet.pair}>
        <Field label="Server" required disabled={disabled} value={draft.host} onChange={(host) => onChange({ host })} />
        <Field label="Port" required inputMode="numeric" pattern="[0-9]+" disabled={disabled} value={draft.port} onChange={(port) => onChange({ port })} />
      </div>
      <Field label="User" disabled={disabled} value={draft.user} onChange={(user) => onChange({ user })} />
      <Secret {...props} label="Password" hint="" />
      <Check label="Only over TLS" checked={draft.tls} disabled={disabled} onChange={(tls) => onChange({ tls })} />
    </>
  );
}

function Ses(props: Props) {
  const { draft, disabled, onChange } = props;
  return (
    <>
      <Field label="Region" required disabled={disabled} hint="Such as eu-central-1." value={draft.region} onChange={(region) => onChange({ region })} />
      <Field label="Access key id" disabled={disabled} value={draft.accessKey} onChange={(accessKey) => onChange({ accessKey })} />
      <Secret {...props} label="Secret access key" hint="" />
    </>
  );
}

function PagerDuty(props: Props) {
  const { draft, disabled, onChange } = props;
  const urgencies = [
    ["high", "High"],
    ["low", "Low"],
  ] as const;
  return (
    <>
      <Field label="Service id" required disabled={disabled} value={draft.service} onChange={(service) => onChange({ service })} />
      <Field label="From" required type="email" disabled={disabled} hint="The e-mail address of a PagerDuty user." value={draft.email} onChange={(email) => onChange({ email })} />
      <Select label="Urgency" options={urgencies} disabled={disabled} value={draft.urgency} onChange={(urgency) => onChange({ urgency: urgency as Draft["urgency"] })} />
      <Secret {...props} label="API token" hint="A REST API key that may write." />
    </>
  );
}

function Secret({ draft, saved, disabled, onChange, label, hint }: Props & { label: string; hint: string }) {
  const kept = saved?.kind === draft.kind;
  const text = kept ? "It is stored and never shown. Leave it blank to keep it." : hint;
  return (
    <Field
      label={label}
      type="password"
      disabled={disabled}
      placeholder={kept ? "unchanged" : ""}
      value={draft.secret}
      onChange={(secret) => onChange({ secret })}
      {...(text === "" ? {} : { hint: text })}
    />
  );
}
