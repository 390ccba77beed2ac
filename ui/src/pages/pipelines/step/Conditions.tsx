import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import type { NotificationConfig } from "../../../gen/protos/notify_pb";
import { NotificationType } from "../../../gen/protos/notify_pb";
import { AbortCondition, type PipelineStep, type PipelineStepConditions, type PipelineStepNotification, PipelineStepNotification_PayloadType as PayloadType } from "../../../gen/protos/pipeline_pb";
import css from "./conditions.module.css";
import { changeConditions, consequence, toggleConfig, type When, whens, whenText } from "./conditions";
import { useEditing } from "./editing";
import form from "./form.module.css";
import { Segments } from "./inputs";
import { PathInput } from "./PathInput";
import { PairRows, TextRows } from "./Rows";

interface Props {
  step: PipelineStep;
  onChange: (when: When, conditions: PipelineStepConditions | undefined) => void;
}

/** What happens after the step, for each of its outcomes. */
export function Conditions({ step, onChange }: Props) {
  const { problems } = useEditing();
  return (
    <section className={css.conditions} aria-label="Afterwards">
      <h3>Afterwards</h3>
      {whens.map(({ when, wire }) => (
        <Outcome key={when} when={whenText(step, when)} wire={wire} conditions={step[when]} problem={problems[when]} onChange={(next) => onChange(when, next)} />
      ))}
    </section>
  );
}

function Outcome({ when, ...rest }: ConditionProps & { when: string }) {
  const [open, setOpen] = useState(rest.problem !== undefined);
  const said = consequence(rest.conditions);
  return (
    <details className={css.condition} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <ChevronRight size={14} aria-hidden />
        <span className={css.when}>{when}</span>
        <span className={css.said} data-quiet={said === "continue"}>
          {said}
        </span>
      </summary>
      {open && <Condition {...rest} />}
    </details>
  );
}

interface ConditionProps {
  wire: string;
  conditions: PipelineStepConditions | undefined;
  problem: string | undefined;
  onChange: (conditions: PipelineStepConditions | undefined) => void;
}

function Condition({ wire, conditions, problem, onChange }: ConditionProps) {
  const set = (change: Partial<PipelineStepConditions>) => onChange(changeConditions(conditions, change));
  return (
    <div className={css.body}>
      <Segments
        label="Then"
        wire={`${wire}.abort`}
        value={conditions?.abort ?? AbortCondition.UNSET}
        options={[
          [AbortCondition.UNSET, "continue"],
          [AbortCondition.ABORT_CURRENT, "abort this pipeline"],
          [AbortCondition.ABORT_ALL, "abort all pipelines"],
        ]}
        onChange={(abort) => set({ abort })}
      />
      <Notify notification={conditions?.notification} problem={problem} onChange={(notification) => set({ notification })} />
      <PairRows
        label="Metadata for the calling code"
        wire="metadata"
        one="entry"
        map={conditions?.metadata ?? {}}
        onChange={(metadata) => set({ metadata })}
      />
    </div>
  );
}

interface NotifyProps {
  notification: PipelineStepNotification | undefined;
  problem: string | undefined;
  onChange: (notification: PipelineStepNotification | undefined) => void;
}

function Notify({ notification, problem, onChange }: NotifyProps) {
  const { configs } = useEditing();
  const chosen = notification?.notificationConfigIds ?? [];
  const known = configs.state === "known" ? configs.value : [];
  const lost = chosen.filter((id) => !known.some((config) => config.id === id));
  const nobody = configs.state === "known" && known.length === 0 && lost.length === 0;
  return (
    <div className={css.notify} role="group" aria-label="Notify">
      <div className={form.label}>
        <span>Notify</span>
        <code className={form.wire}>notification</code>
      </div>
      {configs.state === "failed" && <p className={form.wrong}>{configs.reason}</p>}
      {nobody && (
        <p className={form.hint}>
          There is no notification yet. <Link href="/notifications?new">Make one</Link>; what you have written here stays.
        </p>
      )}
      <ul className={css.configs}>
        {known.map((config) => (
          <Receiver key={config.id} name={config.name} kind={kindName(config)} on={chosen.includes(config.id!)} onChange={(on) => onChange(toggleConfig(notification, config.id!, on))} />
        ))}
        {lost.map((id) => (
          <Receiver key={id} name={id} kind={configs.state === "known" ? "deleted meanwhile" : ""} on onChange={(on) => onChange(toggleConfig(notification, id, on))} />
        ))}
      </ul>
      {notification && <Payload notification={notification} problem={problem} onChange={onChange} />}
    </div>
  );
}

function Receiver({ name, kind, on, onChange }: { name: string; kind: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <li>
      <label className={form.tick}>
        <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
        <span className="truncate" title={name}>
          {name}
        </span>
        <span className={css.kind}>{kind}</span>
      </label>
    </li>
  );
}

function Payload({ notification, problem, onChange }: { notification: PipelineStepNotification } & Omit<NotifyProps, "notification">) {
  const paths = notification.payloadType === PayloadType.SELECT_PATHS;
  return (
    <>
      <Segments
        label="The message has"
        wire="payload_type"
        value={notification.payloadType || PayloadType.EXCLUDE}
        options={[
          [PayloadType.EXCLUDE, "no payload"],
          [PayloadType.FULL_PAYLOAD, "the whole payload"],
          [PayloadType.SELECT_PATHS, "some paths"],
        ]}
        hint={notification.payloadType === PayloadType.FULL_PAYLOAD ? "Whoever reads the message sees personal data in it." : undefined}
        onChange={(payloadType) => onChange({ ...notification, payloadType })}
      />
      {paths && (
        <TextRows
          label="Paths"
          wire="paths"
          one="path"
          values={notification.paths}
          problem={problem}
          onChange={(next) => onChange({ ...notification, paths: next })}
          field={({ label, value, onChange: change }) => <PathInput label={label} value={value} onChange={change} />}
        />
      )}
    </>
  );
}

function kindName({ type }: NotificationConfig): string {
  return { [NotificationType.SLACK]: "Slack", [NotificationType.EMAIL]: "e-mail", [NotificationType.PAGERDUTY]: "PagerDuty" }[type as number] ?? "";
}
