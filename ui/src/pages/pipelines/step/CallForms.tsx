import { create } from "@bufbuild/protobuf";

import { KVAction } from "../../../gen/protos/shared/shared_pb";
import { type HttpRequest, HttpRequestBodyMode as BodyMode, HttpRequestMethod as Method, HttpRequestSchema, type HttpRequestStep } from "../../../gen/protos/steps/http_request_pb";
import { KVMode, type KVStep } from "../../../gen/protos/steps/kv_pb";
import { bytesOf, textOf } from "./bytes";
import { useEditing } from "./editing";
import css from "./form.module.css";
import { Choose, Segments, TextArea, TextInput } from "./inputs";
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
  const body = textOf(request.body);
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
      {!found && body !== undefined && <TextArea label="Text" wire="body" mono value={body} onChange={(text) => set({ body: bytesOf(text) })} />}
      {!found && body === undefined && (
        <p className={css.hint}>
          The body has {request.body.length} bytes that are not text; the JSON view shows them.{" "}
          <button type="button" className={css.link} onClick={() => set({ body: new Uint8Array() })}>
            Replace them by text
          </button>
        </p>
      )}
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
    </>
  );
}
