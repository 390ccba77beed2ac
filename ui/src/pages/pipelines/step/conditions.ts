// What happens after a step, by its outcome.
import { create } from "@bufbuild/protobuf";

import {
  AbortCondition,
  type PipelineStep,
  type PipelineStepConditions,
  PipelineStepConditionsSchema,
  type PipelineStepNotification,
  PipelineStepNotification_PayloadType as PayloadType,
  PipelineStepNotificationSchema,
} from "../../../gen/protos/pipeline_pb";
import { count } from "../../../parts/text";

export type When = "onTrue" | "onFalse" | "onError";

export const whens: readonly { when: When; wire: string }[] = [
  { when: "onTrue", wire: "on_true" },
  { when: "onFalse", wire: "on_false" },
  { when: "onError", wire: "on_error" },
];

/** When it is, for this kind of step. */
export function whenText({ step }: PipelineStep, when: When): string {
  if (when === "onError") return "On an error";
  const [yes, no] = {
    detective: ["When it matches", "When it does not match"],
    schemaValidation: ["When it is so", "When it is not"],
    validJson: ["When it is valid", "When it is not"],
    kv: ["When the key is there", "When it is not"],
    httpRequest: ["When the answer is 2xx", "When it is anything else"],
    custom: ["When it says true", "When it says false"],
    inferSchema: ["When done", "When it is not JSON"],
    transform: ["When changed", "When nothing was changed"],
  }[step.case as string] ?? ["When true", "When false"];
  return (when === "onTrue" ? yes : no)!;
}

/** The conditions with a change; undefined when they say nothing any more. */
export function changeConditions(
  before: PipelineStepConditions | undefined,
  change: Partial<PipelineStepConditions>,
): PipelineStepConditions | undefined {
  const next = { ...(before ?? create(PipelineStepConditionsSchema)), ...change };
  const silent = next.abort === AbortCondition.UNSET && !next.notify && Object.keys(next.metadata).length === 0 && !next.notification;
  return silent && !next.$unknown ? undefined : next;
}

/** The notification with one config more or less; undefined without any. */
export function toggleConfig(before: PipelineStepNotification | undefined, id: string, on: boolean): PipelineStepNotification | undefined {
  const now = before ?? create(PipelineStepNotificationSchema);
  const others = now.notificationConfigIds.filter((one) => one !== id);
  const notificationConfigIds = on ? [...others, id] : others;
  if (notificationConfigIds.length === 0) return undefined;
  return { ...now, notificationConfigIds, payloadType: now.payloadType || PayloadType.EXCLUDE };
}

/** What happens, in a few words; "continue" when nothing does. */
export function consequence(conditions: PipelineStepConditions | undefined): string {
  const acts: string[] = [];
  if (conditions?.abort === AbortCondition.ABORT_CURRENT) acts.push("abort this pipeline");
  if (conditions?.abort === AbortCondition.ABORT_ALL) acts.push("abort all pipelines");
  const notified = conditions?.notification?.notificationConfigIds.length ?? 0;
  if (notified > 0) acts.push(notified === 1 ? "notify" : `notify ${notified}`);
  const names = Object.keys(conditions?.metadata ?? {});
  if (names.length > 0) acts.push(count(names.length, "metadata entry", "metadata entries"));
  return acts.join(" · ") || "continue";
}
