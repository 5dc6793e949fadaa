import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { Clock } from "./clock.ts";
import type { InboxStore } from "./store.ts";

/**
 * Holds a store to a deadline, opens it before its first use, and says of whatever fails in it that it is unavailable.
 *
 * Clients of databases wait for ever by default when their server is gone or frozen; a sender that gets no answer would pile up.
 */
export function withDeadline<Tx>(store: InboxStore<Tx>, deadlineMs: number, clock: Clock): InboxStore<Tx> {
  let isOpen = false;
  let opening: Promise<void> | undefined;

  function open(): Promise<void> {
    if (isOpen) return Promise.resolve();
    opening ??= store.open().then(() => {
      isOpen = true;
    });
    return opening;
  }

  /** One that failed, or does not end, is begun anew with the next call: on Workers it dies with the request that began it. */
  function forget(one: Promise<void>): void {
    if (opening === one) opening = undefined;
  }

  function call<T>(method: keyof InboxStore, run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const opened = open();
      const fail = (error: WebhookError) => {
        forget(opened);
        reject(error);
      };
      const message = `The store did not finish \`${method}\` within ${deadlineMs} ms (\`storeTimeoutMs\`).`;
      const cancel = clock.after(deadlineMs, () => fail(new WebhookError("STORE_UNAVAILABLE", message)));
      opened
        .then(run)
        .finally(cancel)
        .then(resolve, (cause: unknown) => fail(unavailable(method, cause)));
    });
  }

  return {
    get durability() {
      return store.durability;
    },
    open: () => call("open", async () => {}),
    accept: (event) => call("accept", () => store.accept(event)),
    reject: (event, cap) => call("reject", () => store.reject(event, cap)),
    claim: (request) => call("claim", () => store.claim(request)),
    renew: (lease, leaseMs) => call("renew", () => store.renew(lease, leaseMs)),
    settle: (lease, settlement) => call("settle", () => store.settle(lease, settlement)),
    // No deadline: it is the user's work that takes the time, and the lease that ends it.
    transact: (lease, work) => store.transact(lease, work),
    newestDone: (orderKey) => call("newestDone", () => store.newestDone(orderKey)),
    get: (key) => call("get", () => store.get(key)),
    list: (query) => call("list", () => store.list(query)),
    overdue: (query) => call("overdue", () => store.overdue(query)),
    dueInMs: (key) => call("dueInMs", () => store.dueInMs(key)),
    redrive: (key) => call("redrive", () => store.redrive(key)),
    stats: (source) => call("stats", () => store.stats(source)),
    prune: (request) => call("prune", () => store.prune(request)),
    close: () => store.close(),
  };
}

function unavailable(method: string, cause: unknown): WebhookError {
  if (isWebhookError(cause)) return cause;
  return new WebhookError("STORE_UNAVAILABLE", `The store failed in \`${method}\`.`, { cause });
}
