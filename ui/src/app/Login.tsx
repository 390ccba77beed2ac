import { KeyRound } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";

import { words } from "../live/words";
import { Button } from "../parts/Button";
import { Logo } from "../parts/Logo";
import { sentence } from "../parts/text";
import css from "./login.module.css";

interface Props {
  message: string | undefined;
  onToken: (token: string) => Promise<void>;
}

export function Login({ message, onToken }: Props) {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(message);

  useEffect(() => setProblem(message), [message]);
  useEffect(() => {
    document.title = "Log in · Streamdal";
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await onToken(token.trim());
    } catch (error) {
      setProblem(sentence(words(error)));
      setBusy(false);
    }
  };

  return (
    <main className={css.page}>
      <form className={css.card} onSubmit={(event) => void submit(event)}>
        <div className={css.brand}>
          <Logo size={28} />
          <h1>Streamdal</h1>
        </div>
        <label className={css.label} htmlFor="token">
          Token
        </label>
        <div className={css.field}>
          <KeyRound size={15} aria-hidden />
          <input
            id="token"
            name="token"
            type="password"
            autoComplete="current-password"
            spellCheck={false}
            autoFocus
            required
            value={token}
            aria-describedby="token-help"
            aria-invalid={problem !== undefined}
            onChange={(event) => setToken(event.target.value)}
          />
        </div>
        {problem !== undefined && (
          <p className={css.problem} role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" disabled={busy || token.trim() === ""} wide>
          {busy ? "Logging in…" : "Log in"}
        </Button>
        <p id="token-help" className={css.help}>
          The token that you were given, or that the server was started with (<code>STREAMDAL_SERVER_AUTH_TOKEN</code>). A
          server that made its own prints a log-in link when it starts.
        </p>
      </form>
    </main>
  );
}
