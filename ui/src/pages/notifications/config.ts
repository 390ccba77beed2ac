// Notification configs as a form sees them, and back.
import { create, toJsonString } from "@bufbuild/protobuf";

import {
  NotificationConfigSchema,
  NotificationEmail_Type,
  NotificationPagerDuty_Urgency,
  NotificationType,
  type NotificationConfig,
} from "../../gen/protos/notify_pb";
import type { Pipeline } from "../../gen/protos/pipeline_pb";
import type { PipelineUse } from "../../live/model";

export const kinds = [
  ["slack", "Slack"],
  ["smtp", "E-mail over SMTP"],
  ["ses", "E-mail over Amazon SES"],
  ["pagerduty", "PagerDuty"],
] as const;

export type Kind = (typeof kinds)[number][0];

/** The fields of all kinds: changing the kind and back loses nothing. */
export interface Draft {
  name: string;
  kind: Kind;
  /** The bot token, password, secret access key or API token; blank keeps the stored one. */
  secret: string;
  channel: string;
  recipients: string;
  from: string;
  host: string;
  port: string;
  user: string;
  tls: boolean;
  region: string;
  accessKey: string;
  email: string;
  service: string;
  urgency: "low" | "high";
}

export const blank: Draft = {
  name: "",
  kind: "slack",
  secret: "",
  channel: "",
  recipients: "",
  from: "",
  host: "",
  port: "587",
  user: "",
  tls: true,
  region: "",
  accessKey: "",
  email: "",
  service: "",
  urgency: "high",
};

export function draftOf({ name, config }: NotificationConfig): Draft {
  const draft: Draft = { ...blank, name };
  switch (config.case) {
    case "slack":
      return { ...draft, kind: "slack", channel: config.value.channel };
    case "pagerduty": {
      const { email, serviceId, urgency } = config.value;
      return { ...draft, kind: "pagerduty", email, service: serviceId, urgency: urgency === NotificationPagerDuty_Urgency.LOW ? "low" : "high" };
    }
    case "email": {
      const { recipients, fromAddress, config: over } = config.value;
      const mail: Draft = { ...draft, kind: "smtp", recipients: recipients.join("\n"), from: fromAddress };
      if (over.case === "ses") return { ...mail, kind: "ses", region: over.value.sesRegion, accessKey: over.value.sesAccessKeyId };
      if (over.case !== "smtp") return mail;
      const { host, port, user, useTls } = over.value;
      return { ...mail, host, port: String(port), user, tls: useTls };
    }
    default:
      return draft;
  }
}

export function configOf(draft: Draft, id?: string): NotificationConfig {
  const made = create(NotificationConfigSchema, { name: draft.name.trim(), ...about(draft) });
  if (id !== undefined) made.id = id;
  return made;
}

/** Whether both say the same; fields of other kinds than the chosen one do not matter. */
export function same(a: Draft, b: Draft): boolean {
  return toJsonString(NotificationConfigSchema, configOf(a)) === toJsonString(NotificationConfigSchema, configOf(b));
}

type About = Pick<Parameters<typeof create<typeof NotificationConfigSchema>>[1] & object, "type" | "config">;

function about(draft: Draft): About {
  const { secret } = draft;
  if (draft.kind === "slack") {
    return { type: NotificationType.SLACK, config: { case: "slack", value: { botToken: secret, channel: draft.channel.trim() } } };
  }
  if (draft.kind === "pagerduty") {
    const urgency = draft.urgency === "low" ? NotificationPagerDuty_Urgency.LOW : NotificationPagerDuty_Urgency.HIGH;
    const value = { token: secret, email: draft.email.trim(), serviceId: draft.service.trim(), urgency };
    return { type: NotificationType.PAGERDUTY, config: { case: "pagerduty", value } };
  }
  const mail = { recipients: draft.recipients.split(/[\s,;]+/).filter(Boolean), fromAddress: draft.from.trim() };
  if (draft.kind === "ses") {
    const ses = { sesRegion: draft.region.trim(), sesAccessKeyId: draft.accessKey.trim(), sesSecretAccessKey: secret };
    const value = { ...mail, type: NotificationEmail_Type.SES, config: { case: "ses", value: ses } as const };
    return { type: NotificationType.EMAIL, config: { case: "email", value } };
  }
  const smtp = { host: draft.host.trim(), port: Number.parseInt(draft.port, 10) || 0, user: draft.user.trim(), password: secret, useTls: draft.tls };
  const value = { ...mail, type: NotificationEmail_Type.SMTP, config: { case: "smtp", value: smtp } as const };
  return { type: NotificationType.EMAIL, config: { case: "email", value } };
}

export function kindName(config: NotificationConfig): string {
  const { kind } = draftOf(config);
  return kinds.find(([id]) => id === kind)![1];
}

/** Where its messages go, in a few words. */
export function target(config: NotificationConfig): string {
  const draft = draftOf(config);
  if (draft.kind === "slack") return draft.channel;
  if (draft.kind === "pagerduty") return `service ${draft.service}`;
  return draft.recipients.split("\n").join(", ");
}

/** Pipelines with a step that sends to the config. */
export function usersOf(id: string, pipelines: Iterable<PipelineUse>): Pipeline[] {
  return [...pipelines].map(({ pipeline }) => pipeline).filter((pipeline) => sendsTo(pipeline, id));
}

function sendsTo({ steps }: Pipeline, id: string): boolean {
  return steps.some(({ onTrue, onFalse, onError }) =>
    [onTrue, onFalse, onError].some((on) => on?.notification?.notificationConfigIds.includes(id)),
  );
}
