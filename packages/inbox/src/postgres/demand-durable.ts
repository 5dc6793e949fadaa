import { WebhookError } from "@popp-webhooks/core";
import type { Query } from "./adapter.ts";

/** Each has the value that makes commits vanish with the machine. */
const SETTINGS = ["synchronous_commit", "fsync"] as const;

const ASK = `SELECT ${SETTINGS.map((name) => `current_setting('${name}') AS ${name}`).join(", ")}`;

/**
 * Asks the server whether what it commits has reached the disk: as it is set now, for this role and database.
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when it has not, `CONFIG_INVALID` when the client renames columns
 */
export async function demandDurable(query: Query, allowUnsafeCommit: boolean): Promise<void> {
  const [row = {}] = await query(ASK, []);
  if (SETTINGS.some((name) => row[name] === undefined))
    throw new WebhookError(
      "CONFIG_INVALID",
      "postgresStore: this client renames columns (`transform` of postgres.js): pass one that leaves them as they are.",
    );
  const unsafe = SETTINGS.find((name) => row[name] === "off");
  if (unsafe === undefined || allowUnsafeCommit) return;
  throw new WebhookError(
    "STORE_UNAVAILABLE",
    `Postgres has ${unsafe}=off, so that what it has committed can be lost with the machine: turn it on, or pass \`allowUnsafeCommit: true\`.`,
  );
}
