import { createContext, useContext } from "react";

import type { NotificationConfig } from "../../../gen/protos/notify_pb";
import type { PipelineStep } from "../../../gen/protos/pipeline_pb";
import type { Operation } from "../../../live/model";
import type { Asked } from "../../../parts/useAsk";
import type { Problems } from "./problems";

/** What the forms of a step need to know around it. */
export interface Editing {
  /** Operations that run the pipeline; their schemas tell paths. */
  operations: readonly Operation[];
  /** The payloads are plain text. */
  plain: boolean;
  configs: Asked<NotificationConfig[]>;
  /** The step before this one. */
  previous: PipelineStep | undefined;
  problems: Problems;
  readOnly: boolean;
}

export const EditingContext = createContext<Editing | undefined>(undefined);

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (!editing) throw new Error("useEditing outside of EditingContext");
  return editing;
}
