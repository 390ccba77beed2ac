import { type ReactNode, useId } from "react";

import { PathField } from "../../../parts/PathField";
import { useEditing } from "./editing";
import css from "./form.module.css";

interface Props {
  label: string;
  wire?: string;
  value: string;
  onChange: (path: string) => void;
  /** Whether no path stands for the whole payload. */
  whole?: boolean;
  hint?: ReactNode;
  problem?: string | undefined;
}

/** A field for a path into payloads of the operations that run the pipeline. */
export function PathInput({ wire, problem, hint, ...rest }: Props) {
  const { operations, readOnly } = useEditing();
  const id = useId();
  return (
    <div className={css.path}>
      {wire !== undefined && <code className={css.wire}>{wire}</code>}
      <PathField {...rest} hint={problem === undefined ? hint : undefined} operations={operations} disabled={readOnly} describedBy={problem === undefined ? undefined : id} />
      {problem !== undefined && (
        <p id={id} className={css.wrong}>
          {problem}
        </p>
      )}
    </div>
  );
}
