import { create } from "@bufbuild/protobuf";
import { useState } from "react";

import {
  JSONSchemaDraft as Draft,
  type SchemaValidationJSONSchema,
  SchemaValidationCondition as Condition,
  SchemaValidationJSONSchemaSchema,
  type SchemaValidationStep,
  SchemaValidationType,
} from "../../../gen/protos/steps/schema_validation_pb";
import { JsonEditor } from "../../../parts/JsonEditor";
import { pretty } from "../../../parts/pretty";
import { useSchemas } from "../../../parts/useSchemas";
import { bytesOf, textOf } from "./bytes";
import { useEditing } from "./editing";
import css from "./form.module.css";
import { Choose, Labeled, Segments } from "./inputs";

interface Props {
  step: SchemaValidationStep;
  onChange: (step: SchemaValidationStep) => void;
}

const drafts = [
  [Draft.JSONSCHEMA_DRAFT_07, "Draft 7"],
  [Draft.JSONSCHEMA_DRAFT_06, "Draft 6"],
  [Draft.JSONSCHEMA_DRAFT_04, "Draft 4"],
] as const;

/** A JSON schema and whether payloads shall match it. */
export function SchemaForm({ step, onChange }: Props) {
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
      <Inferred onUse={(schema) => set({ jsonSchema: bytesOf(schema), draft: Draft.JSONSCHEMA_DRAFT_07 })} />
    </>
  );
}

/** Takes over what sessions inferred from the payloads of an operation. */
function Inferred({ onUse }: { onUse: (schema: string) => void }) {
  const { operations, readOnly } = useEditing();
  const [wanted, setWanted] = useState(false);
  const asked = useSchemas(operations, wanted);
  if (readOnly || operations.length === 0) return null;
  if (!wanted) {
    return (
      <button type="button" className={css.add} onClick={() => setWanted(true)}>
        Begin with an inferred schema
      </button>
    );
  }
  if (asked.state === "asking") return <p className={css.hint}>Asking for schemas…</p>;
  if (asked.state === "failed") return <p className={css.wrong}>{asked.reason}</p>;
  if (asked.value.length === 0) return <p className={css.hint}>No schema has been inferred yet for the operations that use this pipeline.</p>;
  return (
    <ul className={css.choices} aria-label="Inferred schemas">
      {asked.value.map(({ operation, text }) => (
        <li key={operation.key}>
          <button type="button" className={css.add} onClick={() => onUse(pretty(text))}>
            Use that of {operation.operation} of {operation.service}
          </button>
        </li>
      ))}
    </ul>
  );
}
