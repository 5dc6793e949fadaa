import { WebhookError } from "@popp-webhooks/core";
import type { Query } from "./clients/adapter.ts";

/** The settings that can make a server lose commits in a crash. */
const SETTINGS = ["synchronous_commit", "fsync"] as const;

const ASK = `SELECT ${SETTINGS.map((name) => `current_setting('${name}') AS ${name}`).join(", ")}, decode('00ff', 'hex') AS bytes`;

/**
 * Checks that the server writes commits to the disk, with the settings of this role and database, and that the client returns columns and bytes
 * unchanged.
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when commits may be lost; `CONFIG_INVALID` when the client renames columns or changes bytes
 */
export async function assertDurable(query: Query, allowUnsafeCommit: boolean): Promise<void> {
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
  const unsafe = SETTINGS.find((name) => row[name] === "off");
  if (unsafe === undefined || allowUnsafeCommit) return;
  throw new WebhookError(
    "STORE_UNAVAILABLE",
    `Postgres has ${unsafe}=off and can lose committed events when the machine crashes. Turn it on, or pass \`allowUnsafeCommit: true\`.`,
  );
}
