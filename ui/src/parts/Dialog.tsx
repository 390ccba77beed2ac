import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

import { Button, IconButton } from "./Button";
import css from "./dialog.module.css";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  /** For what needs room, such as two texts side by side. */
  wide?: boolean;
}

/** A modal dialog. The browser keeps the focus inside and gives it back; Esc and a click outside close it. */
export function Dialog({ title, onClose, children, footer, wide = false }: Props) {
  const ref = useModal(onClose);
  const heading = useId();
  return (
    <dialog ref={ref} className={css.dialog} data-wide={wide} aria-labelledby={heading}>
      <header className={css.head}>
        <h1 id={heading} className="clamp" title={title}>
          {title}
        </h1>
        <IconButton label="Close" onClick={onClose}>
          <X size={16} />
        </IconButton>
      </header>
      <div className={css.body}>{children}</div>
      {footer && <footer className={css.foot}>{footer}</footer>}
    </dialog>
  );
}

/** Opens a dialog element as a modal for as long as it is rendered. */
export function useModal(onClose: () => void) {
  const ref = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  // Before it is taken out of the page: the browser gives the focus back only when a dialog closes in it.
  useLayoutEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    // React's autoFocus comes before the dialog is shown, and the browser would choose the button that closes it.
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    const onCancel = (event: Event) => {
      event.preventDefault();
      close.current();
    };
    const onPress = (event: PointerEvent) => {
      if (event.target === dialog) close.current();
    };
    dialog.addEventListener("cancel", onCancel);
    dialog.addEventListener("pointerdown", onPress);
    return () => {
      dialog.removeEventListener("cancel", onCancel);
      dialog.removeEventListener("pointerdown", onPress);
      dialog.close();
      // What opened it may be gone, or have been an address: then the keyboard goes on in the page.
      if (document.activeElement === document.body) document.getElementById("page")?.focus();
    };
  }, []);
  return ref;
}

interface ConfirmProps {
  title: string;
  /** The words on the button, which say what will happen. */
  action: string;
  onConfirm: () => void;
  onClose: () => void;
  busy?: boolean;
  problem?: string | undefined;
  children: ReactNode;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, action, onConfirm, onClose, busy = false, problem, children }: ConfirmProps) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button kind="danger" disabled={busy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {children}
      {problem !== undefined && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
}
