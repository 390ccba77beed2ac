/** What is selected on the map; kept in the address so that it survives reloads and can be shared. */
export interface Selection {
  kind: "op" | "service" | "component";
  id: string;
}

export const selectionKinds = ["op", "service", "component"] as const;

export function selectionUrl({ kind, id }: Selection): string {
  return `/?${kind}=${encodeURIComponent(id).replaceAll("%3A", ":")}`;
}

/** The selection that an address of the map has. */
export function readSelection(params: URLSearchParams): Selection | undefined {
  for (const kind of selectionKinds) {
    const id = params.get(kind);
    if (id) return { kind, id };
  }
  return undefined;
}
