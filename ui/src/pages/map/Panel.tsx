import { X } from "lucide-react";
import type { ReactNode } from "react";

import { IconButton } from "../../parts/Button";
import { useMapView } from "./context";
import css from "./inspector.module.css";

interface PanelProps {
  mark?: ReactNode;
  title: string;
  subtitle: ReactNode;
  children: ReactNode;
}

/** The frame of every inspector. */
export function Panel({ mark, title, subtitle, children }: PanelProps) {
  const { select } = useMapView();
  return (
    <aside className={css.panel} aria-label={title} data-testid="inspector">
      <header className={css.head}>
        {mark}
        <div className={css.names}>
          <h2 className="truncate" title={title}>
            {title}
          </h2>
          <p className={css.subtitle}>{subtitle}</p>
        </div>
        <IconButton label="Close (Esc)" onClick={() => select(undefined)}>
          <X size={16} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}
