/** Entries whose text contains every word of the query; those that begin with it first. */
export function search<T>(all: readonly T[], query: string, text: (entry: T) => string): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...all];
  const scored: { entry: T; rank: number }[] = [];
  for (const entry of all) {
    const haystack = text(entry).toLowerCase();
    if (!words.every((word) => haystack.includes(word))) continue;
    scored.push({ entry, rank: haystack.startsWith(words[0]!) ? 0 : 1 });
  }
  return scored.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry);
}
