/**
 * A store in a Cloudflare D1 database.
 *
 * @packageDocumentation
 */

import { WebhookError } from "@popp-webhooks/core";
import type { InboxStore } from "../../ports/store.ts";
import { sqliteDialect } from "../sql/dialect.ts";
import { operationsOf } from "../sql/operations.ts";
import { withRowSizeLimit } from "../sql/row-size.ts";
import { sqlStore } from "../sql/sql-store.ts";
import type { D1Client } from "./client.ts";
import type { D1Batch } from "./d1-batch.ts";
import { d1Engine } from "./engine.ts";

export type { D1Client, D1Rows, D1Statement } from "./client.ts";
export type { D1Batch, D1Value } from "./d1-batch.ts";

/**
 * Creates a store in a D1 database. It creates its own tables `popp_inbox` and `popp_inbox_schema`, and leaves your tables alone.
 *
 * A Worker cannot hold a D1 transaction open. A handler's `tx` collects writes instead, and sends them in one batch with the event's completion:
 * all of them run, or none.
 *
 * An event that does not fit into a row of D1 is refused with `BODY_TOO_LARGE`. Set `maxBytes` of the receiver to 1 900 000 or less.
 *
 * @param database - the binding, such as `env.DB`. Not a session, whose reads may come from a replica
 * @throws WebhookError `CONFIG_INVALID` when it is not a binding
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { type D1Client, d1Store } from "@popp-webhooks/inbox/d1";
 *
 * interface Env {
 *   readonly DB: D1Client; // D1Database, in a project that has Cloudflare's types
 * }
 *
 * const inboxOf = (env: Env) =>
 *   createInbox({
 *     store: d1Store(env.DB),
 *     on: {
 *       CONVERSATION_COMPLETED: (event, { tx }) =>
 *         tx((batch) => batch.add("INSERT INTO outcomes (candidate) VALUES (?)", event.data.recordId)),
 *     },
 *   });
 * ```
 */
export function d1Store(database: D1Client): InboxStore<D1Batch> {
  if (typeof database?.prepare !== "function" || typeof database.batch !== "function")
    throw invalid("expected a D1 binding, such as `env.DB`. Is it in `d1_databases` of your wrangler configuration?");
  if ("getBookmark" in database)
    throw invalid("expected the binding itself, not a session, whose reads may come from a replica");
  const operations = operationsOf(sqliteDialect);
  return withRowSizeLimit(sqlStore(d1Engine(database, operations), operations));
}

function invalid(problem: string): WebhookError {
  return new WebhookError("CONFIG_INVALID", `d1Store: ${problem}.`);
}
