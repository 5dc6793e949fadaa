import { WebhookError } from "@popp-webhooks/core";
import type { InboxStore } from "../../ports/store.ts";
import { fromRpc, type RpcStore } from "./rpc.ts";

/** The binding of a Durable Object's class in a Worker, such as `env.POPP_INBOX`. */
export interface ObjectNamespace<Id> {
  /** The id of the object of that name. */
  idFromName(name: string): Id;
  /** The object; it comes to life with the first call. */
  get(id: Id): unknown;
}

/** A store in another Durable Object, called from a Worker. */
export function remoteStore<Id>(namespace: ObjectNamespace<Id>, name: string): InboxStore {
  // A stub belongs to the request that made it, and after an error it may be broken: each call makes its own, which costs nothing.
  // The join: what is bound is a PoppInboxObject, or a class that extends it.
  const object = () => namespace.get(namespace.idFromName(name)) as RpcStore;

  return {
    durability: "power-loss",
    open: () => fromRpc(object().open()),
    accept: (event) => fromRpc(object().accept(event)),
    reject: (event, cap) => fromRpc(object().reject(event, cap)),
    claim: (request) => fromRpc(object().claim(request)),
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
    redrive: (key) => fromRpc(object().redrive(key)),
    stats: (source) => fromRpc(object().stats(source)),
    prune: (request) => fromRpc(object().prune(request)),
    close: async () => {},
  };
}

const NO_TRANSACTIONS =
  "`tx` is not there with a Durable Object that is called from a Worker: your writes would be in another place. Run the inbox inside the object (`durableObjectStore(ctx.storage)`), or take d1Store, postgresStore or sqliteStore.";
