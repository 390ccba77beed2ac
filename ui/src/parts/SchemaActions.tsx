import { create } from "@bufbuild/protobuf";
import { Download, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";

import { PipelineDataFormat, type Pipeline, PipelineSchema } from "../gen/protos/pipeline_pb";
import { JSONSchemaDraft, SchemaValidationCondition, SchemaValidationType } from "../gen/protos/steps/schema_validation_pb";
import type { SchemaVersion } from "../gen/streamdal/console/v1/schema_pb";
import { useCanEdit, useConsole } from "../live/context";
import { newDraft } from "../live/drafts";
import type { Operation } from "../live/model";
import { Button } from "./Button";
import { Confirm } from "./Dialog";
import { pretty } from "./pretty";
import { save } from "./save";
import { textOf } from "./schema";
import css from "./schema.module.css";

/** What can be done with a schema: keep it as a file, or begin a pipeline that checks messages against it. */
export function SchemaActions({ operation, schema }: { operation: Operation; schema: SchemaVersion }) {
  const { drafts } = useConsole();
  const canEdit = useCanEdit();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const left = drafts.get(newDraft);
  const begin = () => {
    drafts.set(newDraft, { pipeline: enforcing(operation.operation, schema), keys: ["schema"] });
    navigate("/pipelines?new=draft");
  };
  const file = `${operation.service}-${operation.operation}-v${schema.version}.schema.json`;
  return (
    <div className={css.actions}>
      <Button onClick={() => save(file, "application/schema+json", [textOf(schema)])}>
        <Download size={14} aria-hidden />
        Download
      </Button>
      {canEdit && (
        <Button onClick={() => (left ? setAsking(true) : begin())}>
          <ShieldCheck size={14} aria-hidden />
          Use in a new pipeline
        </Button>
      )}
      {left && asking && (
        <Confirm title={`Drop “${left.pipeline.name}”?`} action="Drop it" onConfirm={begin} onClose={() => setAsking(false)}>
          <p>This pipeline has been begun and not created. The new one takes its place.</p>
        </Confirm>
      )}
    </div>
  );
}

/** A pipeline whose only step says whether a message has this shape. */
export function enforcing(operation: string, schema: SchemaVersion): Pipeline {
  // People will read and change it.
  const jsonSchema = new TextEncoder().encode(pretty(textOf(schema)));
  const options = { case: "jsonSchema", value: { jsonSchema, draft: JSONSchemaDraft.JSONSCHEMA_DRAFT_07 } } as const;
  return create(PipelineSchema, {
    name: `Check the shape of ${operation}`,
    dataFormat: PipelineDataFormat.JSON,
    steps: [
      {
        name: "Has the shape of before",
        step: {
          case: "schemaValidation",
          value: { type: SchemaValidationType.JSONSCHEMA, condition: SchemaValidationCondition.MATCH, options },
        },
      },
    ],
  });
}
