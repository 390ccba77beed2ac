import { create } from "@bufbuild/protobuf";

import { KVAction } from "../../gen/protos/shared/shared_pb";
import { type HttpRequest, HttpRequestBodyMode as BodyMode, HttpRequestMethod as Method, HttpRequestSchema, type HttpRequestStep } from "../../gen/protos/steps/http_request_pb";
import { KVMode, type KVStep } from "../../gen/protos/steps/kv_pb";
import {
  JSONSchemaDraft as Draft,
  type SchemaValidationJSONSchema,
  SchemaValidationCondition as Condition,
  SchemaValidationJSONSchemaSchema,
  type SchemaValidationStep,
  SchemaValidationType,
} from "../../gen/protos/steps/schema_validation_pb";
import { JsonEditor } from "../../parts/JsonEditor";
import { bytesOf, textOf } from "./bytes";
import { useEditing } from "./editing";
import css from "./form.module.css";
import { Choose, Labeled, Segments, TextArea, TextInput } from "./inputs";
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

const drafts = [
  [Draft.JSONSCHEMA_DRAFT_07, "Draft 7"],
  [Draft.JSONSCHEMA_DRAFT_06, "Draft 6"],
  [Draft.JSONSCHEMA_DRAFT_04, "Draft 4"],
] as const;

/** A JSON schema and whether payloads shall match it. */
export function SchemaForm({ step, onChange }: Props<SchemaValidationStep>) {
  const { problems } = useEditing();
  const schema = step.options.case === "jsonSchema" ? step.options.value : create(SchemaValidationJSONSchemaSchema);
  const set = (change: Partial<SchemaValidationJSONSchema>) =>
    onChange({ ...step, type: SchemaValidationType.JSONSCHEMA, options: { case: "jsonSchema", value: { ...schema, ...change } } });
  const text = textOf(schema.jsonSchema);
  return (
    <>
      <div className={css.pair}>
        <Segments
          label="The payload"
          wire="condition"
          value={step.condition}
          problem={problems.condition}
          options={[
            [Condition.MATCH, "matches"],
            [Condition.NOT_MATCH, "does not"],
          ]}
          onChange={(condition) => onChange({ ...step, condition })}
        />
        <Choose
          label="Dialect"
          wire="draft"
          value={schema.draft}
          options={schema.draft === Draft.JSONSCHEMA_DRAFT_UNKNOWN ? [[schema.draft, "not said"], ...drafts] : drafts}
          onChange={(draft) => set({ draft })}
        />
      </div>
      <Labeled label="JSON schema" wire="json_schema" problem={problems.schema}>
        {(control) =>
          text === undefined ? (
            <p className={css.hint}>It is not text; the JSON view shows its bytes.</p>
          ) : (
            <div className={css.schema}>
              <JsonEditor label="JSON schema" id={control.id} describedBy={problems.schema === undefined ? undefined : control["aria-describedby"]} value={text} onChange={(next) => set({ jsonSchema: bytesOf(next) })} />
            </div>
          )
        }
      </Labeled>
    </>
  );
}
