import { WebhookError } from "@popp-webhooks/core";

/** Names that need no escaping in quotes, and that Postgres does not cut off. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** The tables; names of indexes go on after `popp_inbox_`, and follow their table. */
const TABLES = /\bpopp_inbox(_schema)?\b/g;

/**
 * Makes what puts the store's tables into a schema of Postgres, in any of its texts.
 *
 * @param schema - its name; undefined leaves it to the connection's `search_path`
 * @throws WebhookError `CONFIG_INVALID` when it is no plain name
 */
export function inSchema(schema: string | undefined): (text: string) => string {
  if (schema === undefined) return (text) => text;
  if (!NAME.test(schema))
    throw new WebhookError(
      "CONFIG_INVALID",
      "postgresStore: `schema`: expected a name of lower-case letters, digits and underscores, at most 63 of them.",
    );
  const known = new Map<string, string>();
  return (text) => {
    const qualified = known.get(text) ?? text.replace(TABLES, (table) => `"${schema}".${table}`);
    known.set(text, qualified);
    return qualified;
  };
}
