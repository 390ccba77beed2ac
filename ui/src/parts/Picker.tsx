import { Plus } from "lucide-react";
import { type ReactNode, useState } from "react";

import { Button } from "./Button";
import css from "./picker.module.css";
import { type Choice, useListbox } from "./useListbox";

interface Props<T extends Choice> {
  /** The words on the button. */
  label: string;
  placeholder: string;
  choices: readonly T[];
  onPick: (choice: T) => void;
  disabled?: boolean;
  /** Whether it is unfolded, for those who keep that themselves. */
  open?: boolean;
  onOpen?: (open: boolean) => void;
  /** More to choose, below the list. */
  options?: ReactNode;
  /** Shown when there is nothing to choose from. */
  empty: ReactNode;
}

/** A button that unfolds a searchable list to pick one thing from. */
export function Picker<T extends Choice>({ label, disabled = false, open, onOpen, ...rest }: Props<T>) {
  const [own, setOwn] = useState(false);
  const shown = open ?? own;
  const show = onOpen ?? setOwn;
  return (
    <div className={css.picker}>
      <Button onClick={() => show(!shown)} disabled={disabled} aria-expanded={shown} wide>
        <Plus size={15} aria-hidden />
        {label}
      </Button>
      {shown && <Choices {...rest} onClose={() => show(false)} />}
    </div>
  );
}

type ChoicesProps<T extends Choice> = Omit<Props<T>, "label" | "disabled" | "open" | "onOpen"> & { onClose: () => void };

function Choices<T extends Choice>({ placeholder, choices, onPick, options, empty, onClose }: ChoicesProps<T>) {
  const box = useListbox(choices, (choice) => {
    onPick(choice);
    onClose();
  });
  if (choices.length === 0) return <div className={css.panel + " " + css.none}>{empty}</div>;
  return (
    <div
      className={css.panel}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // Else it would close what is around, too.
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <input {...box.input} className={css.input} placeholder={placeholder} aria-label={placeholder} autoFocus />
      <ul {...box.list} aria-label={placeholder} className={css.list}>
        {box.found.map((choice, index) => (
          <li key={choice.id} {...box.row(choice, index)} className={css.row}>
            <span className="truncate">{choice.label}</span>
            {choice.hint && <span className={css.hint + " truncate"}>{choice.hint}</span>}
          </li>
        ))}
        {box.found.length === 0 && <li className={css.none}>Nothing is called “{box.query}”.</li>}
      </ul>
      {options && <div className={css.options}>{options}</div>}
    </div>
  );
}
