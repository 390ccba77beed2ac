import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { IconButton } from "./Button";
import css from "./snippet.module.css";

const shown = 1_500;

/** Text to copy; wrapped, it is seen whole however long its lines are. */
export function Snippet({ label, text, wrapped = false }: { label: string; text: string; wrapped?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), shown);
  };
  return (
    <figure className={css.snippet} aria-label={label}>
      <pre tabIndex={0} data-wrapped={wrapped}>{text}</pre>
      {/* Browsers offer the clipboard only over TLS and on this machine. */}
      {window.isSecureContext && (
        <IconButton label={copied ? "Copied" : "Copy"} className={css.copy} onClick={() => void copy()}>
          {copied ? <Check size={14} /> : <Copy size={14} />}
        </IconButton>
      )}
    </figure>
  );
}
