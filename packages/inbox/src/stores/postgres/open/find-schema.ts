import { WebhookError } from "@popp-webhooks/core";
import type { Query } from "../clients/adapter.ts";
import { DEFAULT_SCHEMA } from "./in-schema.ts";

/** What a search_path may name without pointing to a schema of somebody's own. */
const COMMON = ["$user", "public", DEFAULT_SCHEMA, "pg_catalog", "pg_temp"];

/** Where tables are that this connection would find, and where those are that another role would find by its name. */
const ASK = `SELECT current_setting('search_path') AS path, CAST(json_agg(n.nspname) FILTER (WHERE n.own) AS TEXT) AS own,
    CAST(json_agg(n.nspname) FILTER (WHERE NOT n.own) AS TEXT) AS others
  FROM (SELECT nspname, nspname = ANY (current_schemas(FALSE)) OR nspname IN ('public', '${DEFAULT_SCHEMA}') AS own
    FROM pg_catalog.pg_namespace WHERE oid IN (SELECT relnamespace FROM pg_catalog.pg_class WHERE relname = 'popp_inbox_schema')
    ORDER BY nspname) n
  WHERE n.own OR n.nspname IN (SELECT rolname FROM pg_catalog.pg_roles)`;

/**
 * Finds the schema of the tables when none is given: the one where an earlier release has put them, by the `search_path` or in `public`, and otherwise
 * the default. Processes that find different tables would lose each other's events, so whatever could mean two schemas is refused.
 *
 * @throws WebhookError `CONFIG_INVALID` when the schema must be given
 */
export async function findSchema(query: Query): Promise<string> {
  const [row = {}] = await query(ASK, []);
  const [own, others] = [namesOf(row.own), namesOf(row.others)];
  const special = pathOf(String(row.path)).filter((name) => !COMMON.includes(name));
  if (special.length > 0) {
    const there =
      own.length === 0 ? "" : ` There are tables of an inbox in ${own.map(optionOf).join(" and ")} already.`;
    throw mustChoose(
      `the \`search_path\` of this connection names ${special.map(optionOf).join(" and ")}, and another process may have another one.${there}`,
    );
  }
  const [only, ...more] = own.length === 0 ? others : own;
  if (more.length > 0 || (only !== undefined && own.length === 0))
    throw mustChoose(
      `this database has tables of an inbox in ${[only, ...more].map(optionOf).join(" and ")}, with different events.`,
    );
  return only ?? DEFAULT_SCHEMA;
}

function mustChoose(sentence: string): WebhookError {
  return new WebhookError(
    "CONFIG_INVALID",
    `postgresStore: ${sentence} Pass the same \`schema\` in each process, such as \`schema: "${DEFAULT_SCHEMA}"\`.`,
  );
}

function optionOf(name: unknown): string {
  return JSON.stringify(name);
}

function namesOf(list: unknown): readonly string[] {
  return JSON.parse(String(list ?? "[]"));
}

/** The names in a `search_path`, without their quotes. */
function pathOf(path: string): readonly string[] {
  return [...path.matchAll(/"((?:[^"]|"")*)"|[^",\s]+/g)]
    .map(([name, inner]) => inner?.replaceAll('""', '"') ?? name)
    .filter((name) => name !== "");
}
