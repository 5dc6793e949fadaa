import { WebhookError } from "@popp-webhooks/core";

/** Names that need no escaping and that Postgres does not truncate. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** The names of the tables. Names of indexes are longer, and an index is in the schema of its table. */
const TABLES = /\bpopp_inbox(_(?:event|state|body|tag|turn|tally|pause|schema))?\b/g;

/**
 * Returns a function that adds a schema to the table names of a statement.
 *
 * @param schema - the name of the schema; undefined for the connection's `search_path`
 * @throws WebhookError `CONFIG_INVALID` when the name would need escaping
 */
export function inSchema(schema: string | undefined): (text: string) => string {
  if (schema === undefined) return (text) => text;
  if (!NAME.test(schema))
    throw new WebhookError(
      "CONFIG_INVALID",
      "postgresStore: `schema`: expected a name of at most 63 lower-case letters, digits and underscores.",
    );
  const known = new Map<string, string>();
  return (text) => {
    const qualified = known.get(text) ?? text.replace(TABLES, (table) => `"${schema}".${table}`);
    known.set(text, qualified);
    return qualified;
  };
}
