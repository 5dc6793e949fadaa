import { WebhookError } from "@popp-webhooks/core";

/** The schema of the tables when none is given. */
export const DEFAULT_SCHEMA = "popp";

/** Postgres cuts longer names off, so that two schemas could become one. */
const MAX_BYTES = 63;

/** The names of the tables. Names of indexes are longer, and an index is in the schema of its table. */
const TABLES = /\bpopp_inbox(_(?:event|state|body|tag|turn|tally|pause|schema))?\b/g;

/**
 * Refuses what cannot be the name of a schema for an inbox.
 *
 * @throws WebhookError `CONFIG_INVALID`
 */
export function assertSchemaName(schema: string): void {
  const bytes = new TextEncoder().encode(schema).byteLength;
  const isStorable = !/[\0\p{Cs}]/u.test(schema);
  if (bytes > 0 && bytes <= MAX_BYTES && isStorable && !/^(?:pg_|information_schema$)/.test(schema)) return;
  throw new WebhookError(
    "CONFIG_INVALID",
    `postgresStore: \`schema\` is a name of ${bytes} bytes that Postgres does not take, or keeps for itself: expected 1 to ${MAX_BYTES} bytes, not beginning with \`pg_\`.`,
  );
}

/** A name as Postgres reads it: capitals, keywords and quotes are kept. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns a function that adds a schema to the table names of a statement. */
export function inSchema(schema: string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const qualified = known.get(text) ?? text.replace(TABLES, (table) => `${quoted(schema)}.${table}`);
    known.set(text, qualified);
    return qualified;
  };
}
