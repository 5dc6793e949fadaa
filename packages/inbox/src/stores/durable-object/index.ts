/**
 * A store in a Cloudflare Durable Object, and the class of the object. It runs only in Workers.
 *
 * @packageDocumentation
 */

import { WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import { localStore } from "./local-store.ts";
import { type ObjectNamespace, remoteStore } from "./remote-store.ts";
import type { DurableStorage } from "./storage.ts";

export type { ObjectState } from "./base.ts";
export { PoppInboxObject } from "./popp-inbox-object.ts";
export type { ObjectNamespace } from "./remote-store.ts";
export type { DurableRows, DurableSql, DurableStorage } from "./storage.ts";

/** The options of {@link durableObjectStore} in a Worker. */
export interface DurableObjectStoreOptions {
  /** The name of the object. Inboxes with different names share nothing. Default: `"popp"`. */
  readonly name?: string;
}

/** The options of {@link durableObjectStore} in a Durable Object of your own. */
export interface LocalObjectStoreOptions {
  /**
   * Whether the store may create its tables and bring those of an earlier version up to date. With `false` such a store is refused with
   * `STORE_UNAVAILABLE`, and nothing is written. Default: true.
   */
  readonly migrate?: boolean;
}

/**
 * Creates a store in a Durable Object: one object, which handles one call at a time and is the only one to touch its data.
 *
 * In a Worker, pass the binding of {@link PoppInboxObject}. In your own Durable Object, pass `ctx.storage`: the handlers then run in the object, and
 * `tx` takes synchronous work on that storage, in one transaction with the event's completion.
 *
 * An event that does not fit into a row is refused with `BODY_TOO_LARGE`. Set `maxBytes` of the receiver to 1 900 000 or less.
 *
 * Erased and pruned events are gone from every query at once; Cloudflare keeps the history of an object for 30 days (point-in-time recovery).
 *
 * @param namespace - the binding, such as `env.POPP_INBOX`; `env.POPP_INBOX.jurisdiction("eu")` keeps the events in the EU
 * @param options - the name of the object
 * @throws WebhookError `CONFIG_INVALID` when it is neither a binding nor a storage
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { durableObjectStore, type ObjectNamespace } from "@popp-webhooks/inbox/durable-object";
 *
 * export { PoppInboxObject } from "@popp-webhooks/inbox/durable-object";
 *
 * interface Env {
 *   readonly POPP_INBOX: ObjectNamespace<unknown>; // DurableObjectNamespace, in a project that has Cloudflare's types
 * }
 *
 * const inboxOf = (env: Env) =>
 *   createInbox({
 *     store: durableObjectStore(env.POPP_INBOX),
 *     on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 *   });
 * ```
 */
export function durableObjectStore<Id>(namespace: ObjectNamespace<Id>, options?: DurableObjectStoreOptions): InboxStore;
/**
 * Creates a store in the Durable Object that this code runs in.
 *
 * @param storage - the storage of the object: `ctx.storage`
 * @param options - whether tables may be changed
 */
export function durableObjectStore<Storage extends DurableStorage>(
  storage: Storage,
  options?: LocalObjectStoreOptions,
): InboxStore<Storage>;
export function durableObjectStore(
  place: ObjectNamespace<unknown> | DurableStorage,
  options: DurableObjectStoreOptions & LocalObjectStoreOptions = {},
): InboxStore | InboxStore<DurableStorage> {
  checkOptions("durableObjectStore", options, { name: "string", migrate: "boolean" });
  const { name = "popp", migrate = true } = options;
  if (typeof place === "object" && place !== null) {
    if ("idFromName" in place && options.migrate !== undefined)
      throw new WebhookError(
        "CONFIG_INVALID",
        "durableObjectStore: `migrate` is for the storage of your own object. PoppInboxObject brings its tables up to date itself.",
      );
    if ("idFromName" in place) return remoteStore(place, name);
    if ("transactionSync" in place) return localStore(place, { migrate });
  }
  throw new WebhookError(
    "CONFIG_INVALID",
    "durableObjectStore: expected the binding of PoppInboxObject, such as `env.POPP_INBOX`, or `ctx.storage` in your own Durable Object.",
  );
}
