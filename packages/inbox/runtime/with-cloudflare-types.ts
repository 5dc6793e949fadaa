/** What compiles in a project that has Cloudflare's types; run by nobody. */
import { createInbox, type InboxStore } from "@popp-webhooks/inbox";
import { type D1Batch, d1Store } from "@popp-webhooks/inbox/d1";
import { durableObjectStore, PoppInboxObject } from "@popp-webhooks/inbox/durable-object";

interface Env {
  readonly DB: D1Database;
  readonly TYPED: DurableObjectNamespace<PoppInboxObject>;
  readonly UNTYPED: DurableObjectNamespace;
}

export function stores(env: Env, { storage }: DurableObjectState): void {
  d1Store(env.DB) satisfies InboxStore<D1Batch>;
  durableObjectStore(env.TYPED) satisfies InboxStore;
  durableObjectStore(env.UNTYPED, { name: "another" }) satisfies InboxStore;
  durableObjectStore(env.UNTYPED.jurisdiction("eu")) satisfies InboxStore;
  durableObjectStore(storage) satisfies InboxStore<DurableObjectStorage>;

  // A value that D1 does not take does not compile.
  createInbox({
    store: d1Store(env.DB),
    // @ts-expect-error undefined
    on: { CONVERSATION_COMPLETED: ({ data }, { tx }) => tx(({ add }) => add("…", data.conversationStatus)) },
  });
  // There is no transaction from afar.
  createInbox({
    store: durableObjectStore(env.TYPED),
    // @ts-expect-error never
    on: { CONVERSATION_COMPLETED: (_, { tx }) => tx((storage) => storage.sql) },
  });
}

/** A class of one's own may extend it. */
export class Mine extends PoppInboxObject {}
