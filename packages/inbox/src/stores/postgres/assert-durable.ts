import { WebhookError } from "@popp-webhooks/core";
import type { Query } from "./adapter.ts";

/** Each has the value that makes commits vanish with the machine. */
const SETTINGS = ["synchronous_commit", "fsync"] as const;

const ASK = `SELECT ${SETTINGS.map((name) => `current_setting('${name}') AS ${name}`).join(", ")}, decode('00ff', 'hex') AS bytes`;

/**
 * Asks the server whether what it commits has reached the disk: as it is set now, for this role and database. And whether the client gives
 * what it reads as it is.
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when it has not, `CONFIG_INVALID` when the client renames columns, or gives other bytes than are there
 */
export async function assertDurable(query: Query, allowUnsafeCommit: boolean): Promise<void> {
  const [row = {}] = await query(ASK, []);
  if (SETTINGS.some((name) => row[name] === undefined))
    throw new WebhookError(
      "CONFIG_INVALID",
      "postgresStore: this client renames columns (`transform` of postgres.js): pass one that leaves them as they are.",
    );
  if (!(row.bytes instanceof Uint8Array) || row.bytes.join() !== "0,255")
    throw new WebhookError(
      "CONFIG_INVALID",
      "postgresStore: this client cannot read bytes as the server writes them: set `bytea_output` to `hex`, as it is by default (ALTER DATABASE … SET bytea_output = 'hex').",
    );
  const unsafe = SETTINGS.find((name) => row[name] === "off");
  if (unsafe === undefined || allowUnsafeCommit) return;
  throw new WebhookError(
    "STORE_UNAVAILABLE",
    `Postgres has ${unsafe}=off, so that what it has committed can be lost with the machine: turn it on, or pass \`allowUnsafeCommit: true\`.`,
  );
}
