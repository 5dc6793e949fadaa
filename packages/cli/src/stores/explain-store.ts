import { isWebhookError } from "@popp-webhooks/core";
import { CliError } from "../command-line/cli-error.ts";
import { printable } from "../command-line/output.ts";
import { STORE_NAMES, type StoreAddress } from "./store-address.ts";
import { storeError } from "./store-error.ts";

/** Errors of a connection, by code or message: of Node, `pg`, postgres.js, ioredis and node-redis, and of the servers. */
const REASONS: readonly (readonly [RegExp, code: string, sentence: string])[] = [
  [
    /28P01|28000|WRONGPASS|NOAUTH|invalid password|invalid username/i,
    "STORE_FORBIDDEN",
    "refuses the user or the password. Check both in the address. Characters such as @, / and # must be percent-encoded.",
  ],
  [
    /client password must be a string/i,
    "STORE_FORBIDDEN",
    "asks for a password, and the address has none. Write it as user:password@.",
  ],
  [/3D000/, "STORE_MISSING", "has no database of that name. Check the end of the address."],
  [
    /42501|NOPERM/,
    "STORE_FORBIDDEN",
    "does not let this user read and write the inbox. Give the rights, or use another user.",
  ],
  [
    /ECONNREFUSED/,
    "STORE_UNREACHABLE",
    "does not answer: nothing listens there. Start the server, and check the port.",
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    "STORE_UNREACHABLE",
    "cannot be found: there is no such host. Check its spelling and the network.",
  ],
  [
    /ETIMEDOUT|CONNECT_TIMEOUT|timeout|timed out|EHOSTUNREACH|ENETUNREACH/i,
    "STORE_UNREACHABLE",
    "does not answer in time. Check the address, a firewall between, and whether the server is overloaded.",
  ],
  [
    /does not support SSL|SSL_|ERR_TLS|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|certificate|wrong version number|EPROTO/i,
    "STORE_UNREACHABLE",
    "does not agree on TLS. For Postgres see sslmode in the address; for Redis, rediss:// is TLS and redis:// is not. For a certificate of your own, set NODE_EXTRA_CA_CERTS.",
  ],
  [
    /SQLITE_BUSY|SQLITE_LOCKED|database is locked/,
    "STORE_LOCKED",
    "is locked: another process writes to it, or keeps it for itself (locking_mode). Try again, or end that process.",
  ],
  [
    /ECONNRESET|ECONNABORTED|EPIPE|08\w{3}|57P0|CONNECTION_|Connection (?:terminated|is closed)|Socket closed/i,
    "STORE_UNREACHABLE",
    "closed the connection. Check that it is the right kind of server, and look at its log.",
  ],
];

/** Explains why a store cannot be used. The sentence holds no password and no host. */
export function explainStore(address: Pick<StoreAddress, "kind" | "from">, error: unknown): CliError {
  if (error instanceof CliError) return error;
  const name = STORE_NAMES[address.kind];
  if (isWebhookError(error)) {
    const message = printable(error.message);
    const reason = schemaReason(name, message);
    if (reason !== undefined) return storeError(...reason, error);
    if (error.code === "CONFIG_INVALID" && /\bschema\b/.test(message))
      return storeError("STORE_AMBIGUOUS", `${message} Here: --schema.`, error);
    // The store has explained it. Otherwise the driver's error, its cause, says more.
    if (error.cause === undefined || !/^The store failed in /.test(message))
      return storeError(error.code, message, error);
  }
  const told = [error, Object(error).cause].map((one) => `${Object(one).code ?? ""} ${Object(one).message ?? ""}`);
  const found = REASONS.find(([pattern]) => told.some((text) => pattern.test(text)));
  if (found) return storeError(found[1], `The ${name} of ${address.from} ${found[2]}`, error);
  return storeError("STORE_FAILED", `The ${name} of ${address.from} failed (${reasonOf(error)}).`, error);
}

/** The sentences of the stores about the version of their tables, as a tool has to say them. */
function schemaReason(name: string, message: string): readonly [code: string, sentence: string] | undefined {
  if (/^The store has no schema yet/.test(message))
    return [
      "STORE_FOREIGN",
      `The ${name} has no inbox: it is empty, or belongs to another program. Give the store of your app; for another schema or prefix, pass --schema or --prefix.`,
    ];
  const version = /^The store's schema has version (\d+), (but|and)/.exec(message);
  if (version?.[2] === "but")
    return [
      "STORE_NEWER",
      `The ${name} has an inbox of version ${version[1]}, which is newer than this command. Use the version of @popp-webhooks/cli that your app has of @popp-webhooks/inbox.`,
    ];
  if (version)
    return [
      "STORE_OLDER",
      `The ${name} has an inbox of the older version ${version[1]}. Start your app with this version of @popp-webhooks/inbox, or pass --migrate: processes of the older version cannot use it afterwards.`,
    ];
  return undefined;
}

/** A code, or the name of the class: messages of drivers may hold addresses and values. */
function reasonOf(error: unknown): string {
  const { code, name } = Object(Object(error).cause ?? error);
  return printable(String(code ?? name ?? typeof error));
}
