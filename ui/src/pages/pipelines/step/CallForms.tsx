import { create } from "@bufbuild/protobuf";

import { KVAction } from "../../../gen/protos/shared/shared_pb";
import { type HttpRequest, HttpRequestBodyMode as BodyMode, HttpRequestMethod as Method, HttpRequestSchema, type HttpRequestStep } from "../../../gen/protos/steps/http_request_pb";
import { KVMode, type KVStep } from "../../../gen/protos/steps/kv_pb";
import { BytesInput } from "./BytesInput";
import { useEditing } from "./editing";
import css from "./form.module.css";
import { Choose, Segments, TextInput } from "./inputs";
import { PathInput } from "./PathInput";
import { PairRows } from "./Rows";

interface Props<T> {
  step: T;
  onChange: (step: T) => void;
}

const methods = (["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const).map((name) => [Method[name], name] as const);

/** A request that SDKs send. */
export function HttpForm({ step, onChange }: Props<HttpRequestStep>) {
  const { problems } = useEditing();
  const request = step.request ?? create(HttpRequestSchema);
  const set = (change: Partial<HttpRequest>) => onChange({ ...step, request: { ...request, ...change } });
  const found = request.bodyMode === BodyMode.INTER_STEP_RESULT;
  return (
    <>
      <div className={css.request}>
        <Choose
          label="Method"
          wire="method"
          value={request.method}
          problem={problems.method}
          options={request.method === Method.UNSET ? [[Method.UNSET, "choose"], ...methods] : methods}
          onChange={(method) => set({ method })}
        />
        <TextInput label="Address" wire="url" mono value={request.url} problem={problems.url} placeholder="https://hooks.example/found" onChange={(url) => set({ url })} />
      </div>
      <PairRows label="Headers" wire="headers" one="header" map={request.headers} onChange={(headers) => set({ headers })} />
      <Segments
        label="Body"
        wire="body_mode"
        value={found ? BodyMode.INTER_STEP_RESULT : BodyMode.STATIC}
        options={[
          [BodyMode.STATIC, "this text"],
          [BodyMode.INTER_STEP_RESULT, "what the step before found"],
        ]}
        hint={found ? "As JSON: types and paths of the matches, without their values." : undefined}
        onChange={(bodyMode) => set({ bodyMode })}
      />
      {!found && <BytesInput label="Text" wire="body" subject="The body" bytes={request.body} onChange={(body) => set({ body })} />}
      <p className={css.hint}>The service's SDK calls it for each message that gets here, so a slow answer slows the service.</p>
    </>
  );
}

const actions: readonly (readonly [KVAction, string])[] = [
  [KVAction.KV_ACTION_UNSET, "not said"],
  [KVAction.KV_ACTION_GET, "get"],
  [KVAction.KV_ACTION_CREATE, "create"],
  [KVAction.KV_ACTION_UPDATE, "update"],
  [KVAction.KV_ACTION_DELETE, "delete"],
  [KVAction.KV_ACTION_DELETE_ALL, "delete all"],
];

// Those that have a value; other clients may have given one to any.
const writes: readonly KVAction[] = [KVAction.KV_ACTION_CREATE, KVAction.KV_ACTION_UPDATE];

/** A look into the key-value store. */
export function KvForm({ step, onChange }: Props<KVStep>) {
  const { problems } = useEditing();
  const other = actions.filter(([action]) => action === step.action);
  const fromPayload = step.mode === KVMode.KV_MODE_DYNAMIC;
  return (
    <>
      {other.length > 0 && (
        <Choose
          label="Action"
          wire="action"
          value={step.action}
          options={[...other, [KVAction.KV_ACTION_EXISTS, "exists"]]}
          hint="SDKs serve “exists” only."
          onChange={(action) => onChange({ ...step, action })}
        />
      )}
      <Segments
        label="The key is"
        wire="mode"
        value={fromPayload ? KVMode.KV_MODE_DYNAMIC : KVMode.KV_MODE_STATIC}
        options={[
          [KVMode.KV_MODE_STATIC, "this text"],
          [KVMode.KV_MODE_DYNAMIC, "the value at a path"],
        ]}
        onChange={(mode) => onChange({ ...step, mode })}
      />
      {fromPayload ? (
        <PathInput label="Path" wire="key" value={step.key} problem={problems.key} onChange={(key) => onChange({ ...step, key })} />
      ) : (
        <TextInput label="Key" wire="key" mono value={step.key} problem={problems.key} onChange={(key) => onChange({ ...step, key })} />
      )}
      {(step.value !== undefined || writes.includes(step.action)) && (
        <BytesInput
          label="Value"
          wire="value"
          subject="The value"
          hint="SDKs do not write or compare values: they look whether the key exists. Leave it empty to drop it."
          bytes={step.value ?? new Uint8Array()}
          onChange={(value) => onChange({ ...step, value: value.length === 0 ? undefined : value })}
        />
      )}
    </>
  );
}
