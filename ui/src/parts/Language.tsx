import type { ReactNode } from "react";

import css from "./language.module.css";

interface Mark {
  name: string;
  /** Its colour in language.module.css. */
  look: string;
  /** A drawing of 24 by 24, or letters. */
  mark: ReactNode;
}

const go: Mark = { name: "Go", look: "go", mark: <em>Go</em> };
const node: Mark = {
  name: "Node",
  look: "node",
  mark: (
    <svg viewBox="0 0 24 24">
      <path className={css.line} d="M12 2.6 20.3 7.3v9.4L12 21.4 3.7 16.7V7.3Z" />
      <path className={css.line} d="M10.4 9v5.2c0 1.2-.6 1.8-1.7 1.8-.6 0-1-.1-1.4-.4M16.6 9.6c-.5-.4-1-.6-1.8-.6-1 0-1.7.5-1.7 1.4 0 2.1 3.7 1.3 3.7 3.7 0 1.1-.8 1.8-2.1 1.8-.8 0-1.5-.3-2-.7" />
    </svg>
  ),
};
const python: Mark = {
  name: "Python",
  look: "python",
  mark: (
    <svg viewBox="0 0 24 24">
      <path d="M12 2.5c-3 0-4.3 1-4.3 3v2.2h4.6v.8H5.5c-2 0-3 1.5-3 3.7s1 3.8 2.8 3.8h1.6v-2.3c0-1.6 1.2-2.7 2.7-2.7h4.3c1.3 0 2.4-1 2.4-2.4V5.5c0-2-1.5-3-4.3-3Z" />
      <path className={css.second} d="M12 21.5c3 0 4.3-1 4.3-3v-2.2h-4.6v-.8h6.8c2 0 3-1.5 3-3.7s-1-3.8-2.8-3.8h-1.6v2.3c0 1.6-1.2 2.7-2.7 2.7h-4.3c-1.3 0-2.4 1-2.4 2.4v3.1c0 2 1.5 3 4.3 3Z" />
    </svg>
  ),
};
const ruby: Mark = {
  name: "Ruby",
  look: "ruby",
  mark: (
    <svg viewBox="0 0 24 24">
      <path className={css.line} d="M7 4.5h10L21.5 10 12 20.5 2.5 10ZM2.5 10h19M7 4.5 8.5 10 12 20.5 15.5 10 17 4.5M8.5 10 12 4.5 15.5 10" />
    </svg>
  ),
};

const marks: Record<string, Mark> = {
  go,
  golang: go,
  python,
  typescript: node,
  javascript: node,
  node,
  ruby,
  java: { name: "Java", look: "other", mark: "Jv" },
  ".net": { name: ".NET", look: "other", mark: ".N" },
  dotnet: { name: ".NET", look: "other", mark: ".N" },
  csharp: { name: ".NET", look: "other", mark: ".N" },
};

export function languageName(language: string): string {
  return marks[language.toLowerCase()]?.name ?? (language || "unknown language");
}

/** A small mark of an SDK's language; a question mark while no session says. */
export function LanguageMark({ language, small = false }: { language: string | undefined; small?: boolean }) {
  const known = language ? marks[language.toLowerCase()] : undefined;
  return (
    <span className={css.mark} data-look={known?.look} data-small={small} aria-hidden="true">
      {known?.mark ?? (language ? language.slice(0, 2) : "?")}
    </span>
  );
}
