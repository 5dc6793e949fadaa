/** Code that must compile in a project with Cloudflare's types. It is never run. */
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

  // A value that D1 does not accept does not compile.
  createInbox({
    store: d1Store(env.DB),
    // @ts-expect-error undefined
    on: { CONVERSATION_COMPLETED: ({ data }, { tx }) => tx(({ add }) => add("…", data.conversationStatus)) },
  });
  // A store in another object has no transactions.
  createInbox({
    store: durableObjectStore(env.TYPED),
    // @ts-expect-error never
    on: { CONVERSATION_COMPLETED: (_, { tx }) => tx((storage) => storage.sql) },
  });
}

/** The user's own class can extend it. */
export class Mine extends PoppInboxObject {}
