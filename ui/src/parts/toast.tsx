import { CircleAlert, CircleCheck, X } from "lucide-react";
import { createContext, type FocusEvent, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";

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
  // Whoever points at toasts, or has gone to them by keyboard, is reading or about to press something.
  const [held, setHeld] = useState(false);
  const close = useCallback((id: number) => {
    setList((now) => now.filter((toast) => toast.id !== id));
    // What is gone does not tell that the pointer and the focus have left it.
    setHeld(false);
  }, []);
  const toasts = useMemo<Toasts>(() => {
    const add = (toast: Omit<Toast, "id">) => {
      const id = ++last.current;
      setList((now) => [...now.slice(1 - most), { ...toast, id }]);
    };
    return {
      done: (text, undo) => add(undo ? { kind: "done", text, undo } : { kind: "done", text }),
      failed: (what, error) => add({ kind: "failed", text: `${what}: ${words(error)}` }),
    };
  }, []);
  const onBlur = ({ currentTarget, relatedTarget }: FocusEvent) => currentTarget.contains(relatedTarget) || setHeld(false);
  const hold = () => setHeld(true);
  return (
    <Context value={toasts}>
      {children}
      <div className={css.stack} role="status" aria-live="polite" onPointerEnter={hold} onPointerLeave={() => setHeld(false)} onFocus={hold} onBlur={onBlur}>
        {list.map((toast) => (
          <Row key={toast.id} toast={toast} held={held} onClose={close} />
        ))}
      </div>
    </Context>
  );
}

/** A toast; one that is not held goes by itself. */
function Row({ toast, held, onClose }: { toast: Toast; held: boolean; onClose: (id: number) => void }) {
  const { id, kind, text, undo } = toast;
  useEffect(() => {
    if (held || kind === "failed") return;
    const timer = setTimeout(() => onClose(id), undo ? lifetimeWithUndo : lifetime);
    return () => clearTimeout(timer);
  }, [held, kind, undo, id, onClose]);
  return (
    <div className={css.toast} data-kind={kind}>
      {kind === "done" ? <CircleCheck size={16} aria-hidden /> : <CircleAlert size={16} aria-hidden />}
      <span className={kind === "done" ? `${css.text} clamp` : css.text} title={text}>
        {text}
      </span>
      {undo && (
        <Button
          kind="quiet"
          onClick={() => {
            undo();
            onClose(id);
          }}
        >
          Undo
        </Button>
      )}
      <IconButton label="Dismiss" onClick={() => onClose(id)}>
        <X size={14} />
      </IconButton>
    </div>
  );
}
