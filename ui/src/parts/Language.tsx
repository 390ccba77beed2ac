import css from "./language.module.css";

const marks: Record<string, { name: string; mark: string }> = {
  go: { name: "Go", mark: "Go" },
  golang: { name: "Go", mark: "Go" },
  python: { name: "Python", mark: "Py" },
  typescript: { name: "Node", mark: "JS" },
  javascript: { name: "Node", mark: "JS" },
  node: { name: "Node", mark: "JS" },
  ruby: { name: "Ruby", mark: "Rb" },
  java: { name: "Java", mark: "Jv" },
};

export function languageName(language: string): string {
  return marks[language.toLowerCase()]?.name ?? (language || "unknown language");
}

/** A small lettered mark of an SDK's language; a question mark while no session says. */
export function LanguageMark({ language }: { language: string | undefined }) {
  const mark = language ? (marks[language.toLowerCase()]?.mark ?? language.slice(0, 2)) : "?";
  return (
    <span className={css.mark} data-known={language !== undefined} aria-hidden="true">
      {mark}
    </span>
  );
}
