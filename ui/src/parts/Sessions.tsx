import type { Session } from "../live/model";
import { LanguageMark, languageName } from "./Language";
import css from "./sessions.module.css";

/** The connected sessions with what they say about themselves. */
export function Sessions({ sessions, nobody }: { sessions: readonly Session[]; nobody: string }) {
  if (sessions.length === 0) return <p className={css.nobody}>{nobody}</p>;
  return (
    <ul className={css.list}>
      {sessions.map((session) => (
        <li key={session.id} className={css.row}>
          <LanguageMark language={session.language || undefined} />
          <div className={css.about}>
            <span className={css.line}>
              <span>{languageName(session.language)}</span>
              <span className="muted">
                {session.library} {session.version}
              </span>
            </span>
            <span className={css.small}>
              <span className="mono truncate" title={session.id}>
                {session.id}
              </span>
              {session.node && <span>on {session.node}</span>}
              {session.platform && <span>{session.platform}</span>}
            </span>
          </div>
        </li>
      ))}
    </ul>
  );
}
