// Requests to the server's plain HTTP routes (docs/rest.md), with the session's cookie.

/** The answer to a request; throws an Error with the server's words when it is refused. */
export async function rest(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  });
  if (!response.ok) throw new Error(await refusal(response));
  return response;
}

/** The server's explanation of a failed request. */
export async function refusal(response: Response): Promise<string> {
  const text = (await response.text().catch(() => "")).trim();
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const said = body["message"] ?? body["error"];
    if (typeof said === "string" && said !== "") return said;
  } catch {
    // Not JSON: the text itself is the explanation.
  }
  return text || `The server answered ${response.status} ${response.statusText}`.trim() + ".";
}
