import { X } from "lucide-react";
import { type ReactNode, useRef, useSyncExternalStore } from "react";

import { useConsole } from "../../live/context";
import { IconButton } from "../../parts/Button";
import { byteRate, messageRate } from "../../parts/rate";
import { useTitle } from "../../parts/useTitle";
import { useMapView } from "./context";
import css from "./inspector.module.css";
import { PanelEdge, usePanelWidth } from "./PanelEdge";
import { usePanelFocus } from "./usePanelFocus";

interface PanelProps {
  mark?: ReactNode;
  title: string;
  subtitle: string;
  /** The operations it is about; what flows through them is shown. */
  keys: readonly string[];
  children: ReactNode;
}

/** The frame of every inspector. */
export function Panel({ mark, title, subtitle, keys, children }: PanelProps) {
  const { select } = useMapView();
  const panel = useRef<HTMLElement>(null);
  const width = usePanelWidth();
  useTitle(title);
  usePanelFocus(panel);
  return (
    <aside ref={panel} tabIndex={-1} className={css.panel} style={{ width }} aria-label={title} data-testid="inspector">
      <PanelEdge panel={panel} />
      <header className={css.head}>
        {mark}
        <div className={css.names}>
          <h2 className="truncate" title={title}>
            {title}
          </h2>
          <p className={`${css.subtitle} clamp`} title={subtitle}>
            {subtitle}
          </p>
          {keys.length > 0 && <Flow keys={keys} />}
        </div>
        <IconButton label="Close (Esc)" onClick={() => select(undefined)}>
          <X size={16} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}

function Flow({ keys }: { keys: readonly string[] }) {
  const { rates } = useConsole().live;
  const text = useSyncExternalStore(rates.subscribe, () => {
    const { messages, bytes } = rates.sum(keys);
    return `${messageRate(messages)} · ${byteRate(bytes)}`;
  });
  return <p className={css.subtitle}>{text}</p>;
}
