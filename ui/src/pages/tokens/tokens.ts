// What the page does with tokens, apart from showing them.
import { type Client, createClient } from "@connectrpc/connect";

import { type Token, Tokens } from "../../gen/streamdal/console/v1/token_pb";
import { sameOrigin } from "../../live/client";

export type TokensClient = Client<typeof Tokens>;

let client: TokensClient | undefined;

export function tokens(): TokensClient {
  return (client ??= createClient(Tokens, sameOrigin()));
}

/** What a token to issue shall be, as the form has it. */
export interface Wish {
  role: string;
  service: string;
  name: string;
  /** Hours as text; "" is for ever. */
  hours: string;
}

export const blank: Wish = { role: "sdk", service: "", name: "", hours: "2160" };

export const roles: readonly (readonly [string, string, string])[] = [
  ["sdk", "sdk: for an application", "It may do what an SDK does, and see nothing here."],
  ["viewer", "viewer", "Sees services, pipelines, schemas and figures. Neither payloads nor secrets, and changes nothing."],
  ["editor", "editor", "Also changes pipelines, key-value objects and notifications, and tails payloads."],
  ["admin", "admin", "Also uploads modules, reads secrets, and issues and revokes tokens."],
];

export const lifetimes: readonly (readonly [string, string])[] = [
  ["1", "After an hour"],
  ["24", "After a day"],
  ["168", "After 7 days"],
  ["720", "After 30 days"],
  ["2160", "After 90 days"],
  ["8760", "After a year"],
  ["", "Never: it works until it is revoked"],
];

/** The request for a token; an hour counts from now (ms since 1970). */
export function requestOf({ role, service, name, hours }: Wish, now: number) {
  return {
    role,
    service: role === "sdk" ? service.trim() : "",
    name: name.trim(),
    expiresUnix: hours === "" ? 0n : BigInt(Math.floor(now / 1_000) + Number(hours) * 3_600),
  };
}

/** The command that issues the same token where no server runs. */
export function commandOf(wish: Wish): string {
  const { role, service, name } = requestOf(wish, 0);
  const flags = [`--role ${role}`];
  if (service !== "") flags.push(`--service ${quoted(service)}`);
  if (wish.hours !== "") flags.push(`--expires ${wish.hours}h`);
  if (name !== "") flags.push(`--name ${quoted(name)}`);
  return `streamdal-server token ${flags.join(" ")}`;
}

function quoted(text: string): string {
  return /^[\w.@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export type State = "works" | "revoked" | "expired";

export function stateOf({ revokedUnix, expiresUnix }: Token, now: number): State {
  if (revokedUnix !== 0n) return "revoked";
  return expiresUnix !== 0n && Number(expiresUnix) * 1_000 <= now ? "expired" : "works";
}

/** How a person calls a token. */
export function nameOf({ name, id, issuedUnix }: Token): string {
  if (name !== "") return name;
  return issuedUnix === 0n ? `${id} of the command line` : `unnamed ${id}`;
}

/** Who did something with a token: the root token, or another one of the list. */
export function whoOf(by: string, all: readonly Token[]): string {
  if (by === "root") return "the root token";
  const known = all.find(({ id }) => id === by);
  return known && known.name !== "" ? known.name : by;
}
