import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { IconButton } from "./Button";
import { copy } from "./copy";
import css from "./snippet.module.css";
import { useToasts } from "./toast";

const shown = 1_500;

/** Text to copy; wrapped, it is seen whole however long its lines are. */
export function Snippet({ label, text, wrapped = false }: { label: string; text: string; wrapped?: boolean }) {
  const toasts = useToasts();
  const [copied, setCopied] = useState(false);
  const run = async () => {
    try {
      await copy(text);
    } catch (error) {
      return toasts.failed("Nothing was copied", error);
    }
    setCopied(true);
    setTimeout(() => setCopied(false), shown);
  };
  return (
    <figure className={css.snippet} aria-label={label}>
      <pre tabIndex={0} data-wrapped={wrapped}>{text}</pre>
      <IconButton label={copied ? "Copied" : "Copy"} className={css.copy} onClick={() => void run()}>
        {copied ? <Check size={14} /> : <Copy size={14} />}
      </IconButton>
    </figure>
  );
}
