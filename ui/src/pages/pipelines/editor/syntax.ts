// Where a JSON text stops being one. Browsers say why, and not always where.

const token = /[ \t\r\n]*(?:("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:]))/y;

type Wanted = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end";

/** The index of the first character that does not belong there; the text's length when it ends too early. */
export function misfit(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = "value";
  token.lastIndex = 0;
  for (;;) {
    const from = skipSpace(text, token.lastIndex);
    if (from === text.length || (wanted === ", or end" && open.length === 0)) return from;
    const match = token.exec(text);
    if (!match) return from;
    const next = follow(wanted, open, match);
    if (!next) return from;
    wanted = next;
  }
}

function follow(wanted: Wanted, open: string[], [, string, literal, mark]: RegExpExecArray): Wanted | undefined {
  const value = wanted === "value" || wanted === "value or ]";
  if (string !== undefined && (wanted === "key" || wanted === "key or }")) return ":";
  if (string !== undefined || literal !== undefined) return value ? ", or end" : undefined;
  switch (mark) {
    case "{":
    case "[":
      if (!value) return undefined;
      open.push(mark);
      return mark === "{" ? "key or }" : "value or ]";
    case "}":
      return (wanted === "key or }" || wanted === ", or end") && open.pop() === "{" ? ", or end" : undefined;
    case "]":
      return (wanted === "value or ]" || wanted === ", or end") && open.pop() === "[" ? ", or end" : undefined;
    case ":":
      return wanted === ":" ? "value" : undefined;
    default:
      if (wanted !== ", or end") return undefined;
      return open.at(-1) === "{" ? "key" : "value";
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text[at]!)) at++;
  return at;
}
