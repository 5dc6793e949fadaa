import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/wait-at-most.ts";
import type { InboxStore } from "../ports/store.ts";
import { giveBack } from "./release-claims.ts";

/**
 * Holds a store to a deadline, opens it before its first use, and says of whatever fails in it that it is unavailable.
 *
 * Clients of databases wait for ever by default when their server is gone or frozen; a sender that gets no answer would pile up.
 */
export function withDeadline<Tx>(store: InboxStore<Tx>, deadlineMs: number, clock: Clock): InboxStore<Tx> {
  let [isOpen, isClosed] = [false, false];
  let opening: Promise<void> | undefined;

  function open(): Promise<void> {
    if (isOpen) return Promise.resolve();
    opening ??= Promise.resolve()
      .then(() => store.open())
      .then(() => {
        isOpen = true;
      });
    return opening;
  }

  /** One that failed, or does not end, is begun anew with the next call: on Workers it dies with the request that began it. */
  function forget(one: Promise<void>): void {
    if (opening === one) opening = undefined;
  }

  /** @param late - what to do with a result that nobody waits for any more */
  function call<T>(method: keyof InboxStore, run: () => Promise<T>, late?: (result: T) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      if (isClosed) return reject(new WebhookError("STORE_UNAVAILABLE", "The inbox is closed."));
      const opened = open();
      let isLate = false;
      const fail = (error: WebhookError) => {
        forget(opened);
        reject(error);
      };
      const message = `The store did not finish \`${method}\` within ${deadlineMs} ms (\`storeTimeoutMs\`).`;
      const cancel = clock.after(deadlineMs, () => {
        isLate = true;
        fail(new WebhookError("STORE_UNAVAILABLE", message));
      });
      opened
        .then(run)
        .finally(cancel)
        .then(
          (result) => (isLate ? late?.(result) : resolve(result)),
          (cause: unknown) => fail(unavailable(method, cause)),
        );
    });
  }

  async function close(): Promise<void> {
    isClosed = true;
    // What is being opened would stay open.
    if (opening !== undefined && !isOpen) await within(clock, deadlineMs, opening);
    await store.close();
  }

  return {
    get durability() {
      return store.durability;
    },
    open: () => call("open", async () => {}),
    accept: (event) => call("accept", () => store.accept(event)),
    reject: (event, cap) => call("reject", () => store.reject(event, cap)),
    // The store has given them to nobody else.
    claim: (request) =>
      call(
        "claim",
        () => store.claim(request),
        (late) => giveBack(store, request.token, late),
      ),
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
    close,
  };
}

function unavailable(method: string, cause: unknown): WebhookError {
  if (isWebhookError(cause)) return cause;
  return new WebhookError("STORE_UNAVAILABLE", `The store failed in \`${method}\`.`, { cause });
}
