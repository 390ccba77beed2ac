// Key-value objects as the REST routes give them.
import { rest } from "../../live/rest";

export interface Item {
  key: string;
  value: Uint8Array;
  /** Milliseconds since 1970; 0 when not known. */
  changed: number;
}

export interface Page {
  items: Item[];
  /** Whether there are more after them. */
  more: boolean;
}

export const pageSize = 100;

interface Sent {
  key?: string;
  value?: string;
  created_at_unix_ts_nano_utc?: number;
  updated_at_unix_ts_nano_utc?: number;
}

/** The page of objects that follow a key, in the order of their keys: those that have every word in their key. */
export async function list(after: string, words: readonly string[], signal?: AbortSignal, limit = pageSize): Promise<Page> {
  const query = new URLSearchParams({ limit: String(limit), ...(after === "" ? {} : { after }) });
  for (const word of words) query.append("contains", word);
  const answer = await rest("GET", `/api/v1/kv?${query}`, undefined, signal);
  return { items: ((await answer.json()) as Sent[]).map(itemOf), more: answer.headers.has("Link") };
}

export async function usage(signal?: AbortSignal): Promise<{ items: number; bytes: number }> {
  const sent = (await (await rest("GET", "/api/v1/kv-usage", undefined, signal)).json()) as { num_items: number; num_bytes: number };
  return { items: sent.num_items, bytes: sent.num_bytes };
}

export async function get(key: string, signal?: AbortSignal): Promise<Item> {
  return itemOf((await (await rest("GET", addressOf(key), undefined, signal)).json()) as Sent);
}

export async function create(key: string, value: Uint8Array, overwrite: boolean): Promise<void> {
  await rest("POST", "/api/v1/kv", { kvs: [{ key, value: toBase64(value) }], overwrite });
}

export async function update(key: string, value: Uint8Array): Promise<void> {
  await rest("PUT", "/api/v1/kv", { kvs: [{ key, value: toBase64(value) }] });
}

export async function remove(key: string): Promise<void> {
  await rest("DELETE", addressOf(key));
}

export async function removeAll(): Promise<void> {
  await rest("DELETE", "/api/v1/kv?yes=please");
}

/** Where an object is. Not in the path: browsers would take the keys "." and ".." for steps in it, however they are written. */
export function addressOf(key: string): string {
  return "/api/v1/kv?key=" + encodeURIComponent(key);
}

function itemOf({ key = "", value = "", created_at_unix_ts_nano_utc: created = 0, updated_at_unix_ts_nano_utc: updated }: Sent): Item {
  return { key, value: fromBase64(value), changed: (updated ?? created) / 1e6 };
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
