import { CircleAlert, CircleCheck, X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";

import { words } from "../live/words";
import { Button, IconButton } from "./Button";
import css from "./toast.module.css";

interface Toast {
  id: number;
  kind: "done" | "failed";
  text: string;
  undo?: () => void;
}

interface Toasts {
  /** Says that something was done; with a way back where there is one. */
  done(text: string, undo?: () => void): void;
  /** Says what failed and why; stays until it is closed. */
  failed(what: string, error: unknown): void;
}

const Context = createContext<Toasts | undefined>(undefined);

// Long enough to read; with a way back, long enough to think.
const lifetime = 3_500;
const lifetimeWithUndo = 7_000;
const most = 3;

export function useToasts(): Toasts {
  const toasts = useContext(Context);
  if (!toasts) throw new Error("useToasts outside of ToastProvider");
  return toasts;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [list, setList] = useState<Toast[]>([]);
  const last = useRef(0);
  const close = useCallback((id: number) => setList((now) => now.filter((toast) => toast.id !== id)), []);
  const toasts = useMemo<Toasts>(() => {
    const add = (toast: Omit<Toast, "id">) => {
      const id = ++last.current;
      setList((now) => [...now.slice(1 - most), { ...toast, id }]);
      if (toast.kind === "done") setTimeout(() => close(id), toast.undo ? lifetimeWithUndo : lifetime);
    };
    return {
      done: (text, undo) => add(undo ? { kind: "done", text, undo } : { kind: "done", text }),
      failed: (what, error) => add({ kind: "failed", text: `${what}: ${words(error)}` }),
    };
  }, [close]);
  return (
    <Context value={toasts}>
      {children}
      <div className={css.stack} role="status" aria-live="polite">
        {list.map((toast) => (
          <div key={toast.id} className={css.toast} data-kind={toast.kind}>
            {toast.kind === "done" ? <CircleCheck size={16} aria-hidden /> : <CircleAlert size={16} aria-hidden />}
            <span className={css.text}>{toast.text}</span>
            {toast.undo && (
              <Button
                kind="quiet"
                onClick={() => {
                  toast.undo!();
                  close(toast.id);
                }}
              >
                Undo
              </Button>
            )}
            <IconButton label="Dismiss" onClick={() => close(toast.id)}>
              <X size={14} />
            </IconButton>
          </div>
        ))}
      </div>
    </Context>
  );
}
