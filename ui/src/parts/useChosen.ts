import { useParams } from "wouter";

/** What the address names after the page, such as a pipeline's id; undefined when it names nothing. */
export function useChosen(param: string): string | undefined {
  const named = useParams<Record<string, string | undefined>>()[param];
  return named === undefined ? undefined : decoded(named);
}

/** The text as it was before encodeURIComponent; as it is when it was written by hand and cannot be decoded. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
