// A tail's page keeps in its address which tail it is; not the filter, because that is often the personal data looked for.
import type { Wish } from "../../live/tail/tail";

export const usualWish: Wish = { sample: { rate: 10, seconds: 1 } };

export function tailUrl(key: string, wish: Wish = usualWish): string {
  const query = tailQuery(wish).toString();
  return `/tail/${encodeURIComponent(key).replaceAll("%3A", ":")}${query && "?" + query}`;
}

export function tailQuery({ session, sample }: Wish): URLSearchParams {
  const query = new URLSearchParams();
  if (session) query.set("session", session);
  if (!sample) query.set("rate", "all");
  else if (sample.rate !== usualWish.sample!.rate || sample.seconds !== 1) {
    query.set("rate", String(sample.rate));
    if (sample.seconds !== 1) query.set("per", String(sample.seconds));
  }
  return query;
}

export function wishOf(query: URLSearchParams): Wish {
  const session = query.get("session") ?? undefined;
  if (query.get("rate") === "all") return { session };
  const rate = positive(query.get("rate")) ?? usualWish.sample!.rate;
  return { session, sample: { rate, seconds: positive(query.get("per")) ?? 1 } };
}

function positive(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}
