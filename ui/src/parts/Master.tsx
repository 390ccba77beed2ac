import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";

import css from "./master.module.css";

interface Props {
  /** What the list is of: "All notifications". */
  title: string;
  /** Address of the list without a choice. */
  href: string;
  /** Whether something is chosen; narrow screens show only that. */
  open: boolean;
  tools: ReactNode;
  list: ReactNode;
  /** Below the list, always in view. */
  foot?: ReactNode;
  /** What is chosen needs the room of the list, and has its own way back. */
  roomy?: boolean;
  children: ReactNode;
}

/** A list at the side and what is chosen from it. */
export function Master({ title, href, open, tools, list, foot, roomy = false, children }: Props) {
  return (
    <div className={css.page} data-open={open} data-roomy={roomy}>
      <section className={css.side} aria-label={title}>
        <div className={css.tools}>{tools}</div>
        <div className={css.list}>{list}</div>
        {foot}
      </section>
      <div className={css.main} tabIndex={-1}>
        {open && !roomy && (
          <Link href={href} className={css.back}>
            <ArrowLeft size={14} aria-hidden /> {title}
          </Link>
        )}
        {children}
      </div>
    </div>
  );
}

/** One entry of the list: a name, a word at its end and a line below. */
export function MasterRow({ href, current, name, end, line }: { href: string; current: boolean; name: string; end?: ReactNode; line?: ReactNode }) {
  return (
    <li>
      <Link href={href} className={css.row} aria-current={current ? "true" : undefined}>
        <span className={css.rowHead}>
          <span className="truncate" dir="auto" title={name}>
            {name}
          </span>
          {end !== undefined && <span className={css.end}>{end}</span>}
        </span>
        {line !== undefined && <span className={css.line}>{line}</span>}
      </Link>
    </li>
  );
}

/** Where rows will be. */
export function MasterBones() {
  return [0, 1, 2].map((n) => <li key={n} className={css.bone} aria-hidden />);
}
