// The browser's session: who is logged in. The cookie itself is out of reach of scripts.
import { refusal } from "./rest";

export type Role = "viewer" | "editor" | "admin";

export type Credential = { token: string } | { code: string };

export interface Session {
  role: Role;
  /** The id of the scoped token that the session goes by; absent for the root token. */
  token?: string;
  /** When it ends (ms since 1970). */
  expires?: number;
}

export interface SessionApi {
  /** The current session, or undefined when nobody is logged in. */
  read(): Promise<Session | undefined>;
  /** Logs in; throws an Error with the server's words. */
  login(credential: Credential): Promise<Session>;
  logout(): Promise<void>;
}

const address = "/api/v1/session";

export const httpSession: SessionApi = {
  async read() {
    const response = await ask("GET");
    if (response.status === 401) return undefined;
    return session(response);
  },
  async login(credential) {
    const response = await ask("POST", credential);
    if (!response.ok) throw new Error(await refusal(response));
    return response.status === 204 ? session(await ask("GET")) : session(response);
  },
  async logout() {
    const response = await ask("DELETE");
    if (!response.ok && response.status !== 401) throw new Error(await refusal(response));
  },
};

function ask(method: string, body?: unknown): Promise<Response> {
  return fetch(address, {
    method,
    credentials: "same-origin",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  }).catch(() => {
    throw new Error("The server cannot be reached. Check that it is running and try again.");
  });
}

async function session(response: Response): Promise<Session> {
  if (!response.ok) throw new Error(await refusal(response));
  const answer = (await response.json().catch(() => ({}))) as { role?: Role; token?: string; expires?: string };
  const known: Session = { role: answer.role ?? "admin" };
  if (answer.token) known.token = answer.token;
  if (answer.expires) known.expires = Date.parse(answer.expires);
  return known;
}

/** Reads the one-use code of a log-in link (#login=CODE) and removes it from the address bar. */
export function takeLoginCode(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get("login") ?? undefined;
  if (code !== undefined) history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}
