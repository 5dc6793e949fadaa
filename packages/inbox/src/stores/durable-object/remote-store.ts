import { WebhookError } from "@popp-webhooks/core";
import type { InboxStore } from "../../ports/store.ts";
import { fromRpc, type RpcStore } from "./rpc.ts";

/** The binding of a Durable Object's class in a Worker, such as `env.POPP_INBOX`. */
export interface ObjectNamespace<Id> {
  /** The id of the object of that name. */
  idFromName(name: string): Id;
  /** The stub of the object. The object starts with the first call. */
  get(id: Id): unknown;
}

/** A store in a Durable Object, called from a Worker. */
export function remoteStore<Id>(namespace: ObjectNamespace<Id>, name: string): InboxStore {
  // Each call makes its own stub, which costs nothing: a stub belongs to the request that made it, and may be broken after an error.
  // The binding is that of PoppInboxObject, or of a class that extends it.
  const object = () => namespace.get(namespace.idFromName(name)) as RpcStore;

  return {
    durability: "power-loss",
    open: () => fromRpc(object().open()),
    accept: (event) => fromRpc(object().accept(event)),
    reject: (event, cap) => fromRpc(object().reject(event, cap)),
    claim: (request) => fromRpc(object().claim(request)),
    correctDueTimes: (source) => fromRpc(object().correctDueTimes(source)),
    renew: (lease, leaseMs) => fromRpc(object().renew(lease, leaseMs)),
    settle: (lease, settlement) => fromRpc(object().settle(lease, settlement)),
    transact: async () => {
      throw new WebhookError("CONFIG_INVALID", NO_TRANSACTIONS);
    },
    newestDone: (orderKey) => fromRpc(object().newestDone(orderKey)),
    get: (key) => fromRpc(object().get(key)),
    list: (query) => fromRpc(object().list(query)),
    overdue: (query) => fromRpc(object().overdue(query)),
    dueInMs: (key) => fromRpc(object().dueInMs(key)),
    redrive: (keys, force) => fromRpc(object().redrive(keys, force)),
    erase: (keys) => fromRpc(object().erase(keys)),
    pause: (source, name) => fromRpc(object().pause(source, name)),
    resume: (source, name) => fromRpc(object().resume(source, name)),
    stats: (source) => fromRpc(object().stats(source)),
    timeline: (query) => fromRpc(object().timeline(query)),
    unindexed: (source, limit) => fromRpc(object().unindexed(source, limit)),
    index: (entries) => fromRpc(object().index(entries)),
    prune: (request) => fromRpc(object().prune(request)),
    close: async () => {},
  };
}

const NO_TRANSACTIONS =
  "`tx` does not work with a Durable Object that is called from a Worker: your writes would be in another place. Run the inbox inside the object (`durableObjectStore(ctx.storage)`), or use d1Store, postgresStore or sqliteStore.";
