import { format } from "./json";

export interface Template {
  id: string;
  title: string;
  explanation: string;
  text: string;
}

// A detective that finds nothing leaves nothing to change, so the pipeline stops there without an error.
const elseStop = { onFalse: { abort: "ABORT_CONDITION_ABORT_CURRENT" } };

export const templates: Template[] = [
  {
    id: "mask-email",
    title: "Mask e-mail addresses",
    explanation: "Finds e-mail addresses anywhere in the payload and masks them.",
    text: format({
      name: "mask e-mail addresses",
      dataFormat: "PIPELINE_DATA_FORMAT_JSON",
      steps: [
        { name: "find e-mail addresses", ...elseStop, detective: { type: "DETECTIVE_TYPE_PII_EMAIL" } },
        {
          name: "mask them",
          dynamic: true,
          transform: { type: "TRANSFORM_TYPE_MASK_VALUE", maskOptions: { mask: "*" } },
        },
      ],
    }),
  },
  {
    id: "delete-card",
    title: "Delete card numbers",
    explanation: "Finds credit card numbers anywhere in the payload and deletes their fields.",
    text: format({
      name: "delete card numbers",
      dataFormat: "PIPELINE_DATA_FORMAT_JSON",
      steps: [
        { name: "find card numbers", ...elseStop, detective: { type: "DETECTIVE_TYPE_PII_CREDIT_CARD" } },
        {
          name: "delete their fields",
          dynamic: true,
          transform: { type: "TRANSFORM_TYPE_DELETE_FIELD", deleteFieldOptions: {} },
        },
      ],
    }),
  },
  {
    id: "empty",
    title: "Start from one step",
    explanation: "Requires a field; change it to whatever you need.",
    text: format({
      name: "new pipeline",
      dataFormat: "PIPELINE_DATA_FORMAT_JSON",
      steps: [
        {
          name: "require an id",
          onFalse: { metadata: { problem: "id is missing" } },
          detective: { path: "id", type: "DETECTIVE_TYPE_HAS_FIELD" },
        },
      ],
    }),
  },
];
