import { useSearchParams } from "wouter";

export type View = "form" | "json";

/** What of a pipeline is shown; kept in the address. */
export interface Place {
  view: View;
  /** The chosen step from 0, or what is about the whole pipeline. */
  at: number | "about";
}

export function readPlace(params: URLSearchParams): Place {
  const step = params.get("step");
  const number = Number(step);
  const at = step === "about" ? "about" : Number.isInteger(number) && number > 0 ? number - 1 : 0;
  return { view: params.get("view") === "json" ? "json" : "form", at };
}

/** The parameters with another place; other ones stay. */
export function withPlace(params: URLSearchParams, { view, at }: Partial<Place>): URLSearchParams {
  const next = new URLSearchParams(params);
  if (at !== undefined) next.set("step", at === "about" ? "about" : String(at + 1));
  if (view === "json") next.set("view", "json");
  else if (view === "form") next.delete("view");
  return next;
}

export function usePlace() {
  const [params, setParams] = useSearchParams();
  return {
    place: readPlace(params),
    /** Goes somewhere; a move that follows a change of the pipeline replaces the address. */
    go: (to: Partial<Place>, replace = false) => setParams((now) => withPlace(now, to), { replace }),
    urlOf: (to: Partial<Place>) => `?${withPlace(params, to)}`,
  };
}
