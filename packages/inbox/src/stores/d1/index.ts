/**
 * A store in a Cloudflare D1 database.
 *
 * @packageDocumentation
 */

import { WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import { withRowSizeLimit } from "../sql/row-size.ts";
import { sqlStore } from "../sql/sql-store.ts";
import type { D1Client } from "./client.ts";
import type { D1Batch } from "./d1-batch.ts";
import { d1Engine } from "./engine.ts";

export type { D1Client, D1Rows, D1Statement } from "./client.ts";
export type { D1Batch, D1Value } from "./d1-batch.ts";

/** The options of {@link d1Store}. */
export interface D1StoreOptions {
  /**
   * Whether the store may create its tables and bring those of an earlier version up to date. With `false` such a store is refused with
   * `STORE_UNAVAILABLE`, and nothing is written. Default: true.
   */
  readonly migrate?: boolean;
}

/**
 * Creates a store in a D1 database. It creates its own tables, whose names begin with `popp_inbox_`, and leaves your tables alone.
 *
 * A Worker cannot hold a D1 transaction open. A handler's `tx` collects writes instead, and sends them in one batch with the event's completion:
 * all of them run, or none.
 *
 * An event that does not fit into a row of D1 is refused with `BODY_TOO_LARGE`. Set `maxBytes` of the receiver to 1 900 000 or less.
 *
 * Erased and pruned events are gone from every query at once; Cloudflare keeps the history of a database for 30 days (Time Travel).
 *
 * @param database - the binding, such as `env.DB`. Not a session, whose reads may come from a replica
 * @param options - whether tables may be changed
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
export function d1Store(database: D1Client, options: D1StoreOptions = {}): InboxStore<D1Batch> {
  if (typeof database?.prepare !== "function" || typeof database.batch !== "function")
    throw invalid("expected a D1 binding, such as `env.DB`. Add it to `d1_databases` of your wrangler configuration");
  if ("getBookmark" in database)
    throw invalid("expected the binding itself, not a session, whose reads may come from a replica");
  checkOptions("d1Store", options, { migrate: "boolean" });
  const { migrate = true } = options;
  return withRowSizeLimit(sqlStore(d1Engine(database, { migrate })));
}

function invalid(problem: string): WebhookError {
  return new WebhookError("CONFIG_INVALID", `d1Store: ${problem}.`);
}
