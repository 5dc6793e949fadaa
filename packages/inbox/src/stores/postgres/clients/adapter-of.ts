import { WebhookError } from "@popp-webhooks/core";
import type { AdapterOptions, PostgresAdapter } from "./adapter.ts";
import type {
  PgConnection,
  PgliteDatabase,
  PgliteTransaction,
  PgPool,
  PostgresClient,
  PostgresJs,
  PostgresJsTransaction,
} from "./client.ts";
import { pgAdapter } from "./pg.ts";
import { pgliteAdapter } from "./pglite.ts";
import { postgresJsAdapter } from "./postgres-js.ts";

/** Recognizes a client by its methods, so that no client is imported. */
export function adapterOf<Tx>(client: PostgresClient<Tx>, options: AdapterOptions): PostgresAdapter<Tx> {
  if (isPgPool(client)) return pgAdapter(client, options);
  if (isPglite(client)) return pgliteAdapter(client);
  if (isPostgresJs(client)) return postgresJsAdapter(client, options);
  throw new WebhookError(
    "CONFIG_INVALID",
    "postgresStore: expected a `Pool` of pg, a `PGlite`, or the `sql` of postgres.js. A single `Client` of pg cannot be used, because it cannot be replaced when its connection breaks.",
  );
}

function isPgPool<Tx>(client: PostgresClient<Tx>): client is PgPool<Tx & PgConnection> {
  return can(client, "connect", "query") && "totalCount" in client;
}

function isPglite<Tx>(client: PostgresClient<Tx>): client is PgliteDatabase<Tx & PgliteTransaction> {
  return can(client, "transaction", "query");
}

function isPostgresJs<Tx>(client: PostgresClient<Tx>): client is PostgresJs<Tx & PostgresJsTransaction> {
  return can(client, "begin", "unsafe");
}

/** Accepts any value, for callers without types. */
function can(client: unknown, ...methods: readonly string[]): boolean {
  if ((typeof client !== "object" && typeof client !== "function") || client === null) return false;
  return methods.every((method) => typeof Reflect.get(client, method) === "function");
}
