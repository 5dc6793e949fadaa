/**
 * A store in a Cloudflare Durable Object, and the class of the object. It runs in Workers alone.
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
  /** The name of the object: inboxes of different names share nothing. Default: `"popp"`. */
  readonly name?: string;
}

/**
 * Makes a store in a Durable Object: one object, which does one thing at a time and is the only one to touch its data.
 *
 * In a Worker, give it the binding of {@link PoppInboxObject}. In a Durable Object of your own, give it `ctx.storage`: then the
 * handlers run in the object, and `tx` takes synchronous work on that storage, in one transaction with the event's completion.
 *
 * An event that does not fit into a row is refused with `BODY_TOO_LARGE`: keep `maxBytes` of the receiver at 1 900 000 or less.
 *
 * @param namespace - the binding, such as `env.POPP_INBOX`; `env.POPP_INBOX.jurisdiction("eu")` keeps the events in the EU
 * @param options - which object
 * @throws WebhookError `CONFIG_INVALID` when it is neither
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
 * Makes a store in the Durable Object that this code is in.
 *
 * @param storage - the object's: `ctx.storage`
 */
export function durableObjectStore<Storage extends DurableStorage>(storage: Storage): InboxStore<Storage>;
export function durableObjectStore(
  place: ObjectNamespace<unknown> | DurableStorage,
  options: DurableObjectStoreOptions = {},
): InboxStore | InboxStore<DurableStorage> {
  checkOptions("durableObjectStore", options, { name: "string" });
  const { name = "popp" } = options;
  if (typeof place === "object" && place !== null) {
    if ("idFromName" in place) return remoteStore(place, name);
    if ("transactionSync" in place) return localStore(place);
  }
  throw new WebhookError(
    "CONFIG_INVALID",
    "durableObjectStore: expected the binding of PoppInboxObject, such as `env.POPP_INBOX`, or `ctx.storage` in a Durable Object of your own.",
  );
}
