const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON with line ends and indentation; numbers stay as they are written. Other text stays as it is. */
export function pretty(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const tokens = text.match(token) ?? [];
  const parts: string[] = [];
  let depth = 0;
  const newLine = () => parts.push("\n", "  ".repeat(depth));
  tokens.forEach((one, i) => {
    const opens = one === "{" || one === "[";
    const closes = one === "}" || one === "]";
    const wasOpened = tokens[i - 1] === "{" || tokens[i - 1] === "[";
    if (closes) depth--;
    if (closes && !wasOpened) newLine();
    parts.push(one);
    if (opens) depth++;
    if (one === "," || (opens && tokens[i + 1] !== "}" && tokens[i + 1] !== "]")) newLine();
    if (one === ":") parts.push(" ");
  });
  return parts.join("");
}
