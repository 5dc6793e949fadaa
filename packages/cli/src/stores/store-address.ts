import { poppFolder } from "../command-line/popp-folder.ts";
import { storeError } from "./store-error.ts";

/** The environment variable that names the store. */
const STORE_VARIABLE = "POPP_STORE";

/** Where an inbox is. */
export type StoreAddress = { readonly from: string } & (
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres" | "redis" | "inspector"; readonly url: URL }
);

/** What a kind of store is called in sentences. No sentence names a server's host. */
export const STORE_NAMES: Readonly<Record<StoreAddress["kind"], string>> = {
  sqlite: "SQLite file",
  postgres: "Postgres database",
  redis: "Redis database",
  inspector: "inspector",
};

const SCHEMES: Readonly<Record<string, "postgres" | "redis" | "inspector">> = {
  "postgres:": "postgres",
  "postgresql:": "postgres",
  "redis:": "redis",
  "rediss:": "redis",
  "http:": "inspector",
  "https:": "inspector",
};

/** Finds the store: in the option, the environment, or the file of `dev`, in this order. */
export function storeAddress(option: string | undefined): StoreAddress {
  if (option !== undefined) return addressOf(option, "--store");
  const variable = process.env[STORE_VARIABLE];
  if (variable !== undefined && variable !== "") return addressOf(variable, STORE_VARIABLE);
  return { kind: "sqlite", path: poppFolder().inboxFile, from: "dev" };
}

function addressOf(text: string, from: string): StoreAddress {
  if (text.trim() === "") throw storeError("STORE_UNKNOWN", `${from} is empty: a variable may be unset. ${KINDS}`);
  const scheme = /^([a-z][a-z0-9+.-]+:)\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined && LIKE_ADDRESS.test(text)) throw storeError("STORE_UNKNOWN", unreadable(from));
  if (scheme === undefined) return { kind: "sqlite", path: text, from };
  const kind = SCHEMES[scheme];
  if (kind === undefined)
    throw storeError("STORE_UNKNOWN", `${from} begins with ${scheme}//, which is no kind of store. ${KINDS}`);
  if (!URL.canParse(text)) throw storeError("STORE_UNKNOWN", unreadable(from));
  return { kind, url: new URL(text), from };
}

/** An address that was misspelt, such as `postgres:/user:password@host`, or with quotes or a space before it. It is no path. */
const LIKE_ADDRESS = /:\/\/|^\W*[a-z][\w+.-]+:.*@/i;

/** The text is not repeated: it may hold a password. */
const unreadable = (from: string) =>
  `${from} is no address that can be read. ${KINDS} Characters such as @, / and # in a password must be percent-encoded.`;

const KINDS = "A store is a SQLite file, postgres://…, redis://…, or the http:// or https:// address of an inspector.";
