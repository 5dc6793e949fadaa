import { WebhookError } from "@popp-webhooks/core";
import type { SqlRow } from "../../sql/statement.ts";
import type { Query } from "../clients/adapter.ts";

/** The settings that can make a server lose commits in a crash. */
const SETTINGS = ["synchronous_commit", "fsync"] as const;

/** What ALTER ROLE and ALTER DATABASE set for the connections that are made from now on; a setting of both the role and the database goes first. */
const FOR_NEW_CONNECTIONS = `SELECT setting FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) AS x (setting)
  WHERE setting LIKE 'synchronous_commit=%' AND setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
    AND setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
  ORDER BY setrole <> 0 DESC, setdatabase <> 0 DESC LIMIT 1`;

const ASK = `SELECT ${SETTINGS.map((name) => `current_setting('${name}') AS ${name}`).join(", ")}, decode('00ff', 'hex') AS bytes,
  pg_is_in_recovery() AS replica, current_setting('transaction_read_only') AS readonly,
  current_setting('server_encoding') || ' ' || current_setting('client_encoding') AS encodings,
  quote_ident(session_user) AS login, quote_ident(current_database()) AS database, (${FOR_NEW_CONNECTIONS}) AS configured`;

/** A setting that the client passes with each connection goes before those of roles and databases. */
const SOURCE = "SELECT source FROM pg_catalog.pg_settings WHERE name = 'synchronous_commit'";

/** What a store must know of its server. */
export interface ServerFacts {
  /** Whether texts reach the server and its tables as Unicode. Other encodings lack characters. */
  readonly isUnicode: boolean;
  /** Why it takes no writes, and what to do; undefined when it takes them. */
  readonly readOnly: string | undefined;
}

/**
 * Checks that the server writes commits to the disk with the settings of this role and database, and that the client returns
 * columns and bytes unchanged.
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when commits may be lost; `CONFIG_INVALID` when the client renames columns or
 *   changes bytes
 */
export async function checkServer(query: Query, allowUnsafeCommit: boolean): Promise<ServerFacts> {
  const [row = {}] = await query(ASK, []);
  if (SETTINGS.some((name) => row[name] === undefined))
    throw new WebhookError(
      "CONFIG_INVALID",
      "postgresStore: this client renames columns (`transform` of postgres.js). Pass a client that leaves them unchanged.",
    );
  if (!(row.bytes instanceof Uint8Array) || row.bytes.join() !== "0,255")
    throw new WebhookError(
      "CONFIG_INVALID",
      "postgresStore: this client cannot read bytes from this server. Set `bytea_output` to `hex`, the default (ALTER DATABASE … SET bytea_output = 'hex').",
    );
  if (!allowUnsafeCommit) await assertDurable(query, row);
  return { isUnicode: row.encodings === "UTF8 UTF8", readOnly: readOnlyOf(row) };
}

function readOnlyOf({ replica, readonly, login, database }: SqlRow): string | undefined {
  if (replica === true) return "This Postgres is a read replica and takes no writes. Connect to the primary server.";
  if (readonly !== "on") return undefined;
  return `Transactions of the role ${login} are read-only here (default_transaction_read_only). Run: ALTER ROLE ${login} RESET default_transaction_read_only; ALTER DATABASE ${database} RESET default_transaction_read_only; or connect to the server that takes writes.`;
}

async function assertDurable(query: Query, row: SqlRow): Promise<void> {
  const unsafe = SETTINGS.find((name) => row[name] === "off") ?? (await unsafeSoon(query, row));
  if (unsafe !== undefined)
    throw unusable(
      `Postgres has ${unsafe}=off and can lose committed events when the machine crashes. Turn it on, or pass \`allowUnsafeCommit: true\`.`,
    );
}

/** A connection keeps the settings that it was made with, so new ones may be unsafe while this one is not. */
async function unsafeSoon(query: Query, { configured }: SqlRow): Promise<string | undefined> {
  if (!/=(?:of|off|f|false|n|no|0)$/i.test(String(configured))) return undefined;
  const [row] = await query(SOURCE, []);
  return row?.source === "client" ? undefined : "synchronous_commit";
}

function unusable(sentence: string): WebhookError {
  return new WebhookError("STORE_UNAVAILABLE", sentence);
}
