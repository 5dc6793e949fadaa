import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { Clock } from "../lib/clock.ts";
import { waitAtMost, withTimeout } from "../lib/with-timeout.ts";
import type { InboxStore } from "../ports/store.ts";
import { releaseClaims } from "./release-claims.ts";
import { StoreUser } from "./store-user.ts";

/**
 * Wraps a store: opens it before its first use, limits how long each call may take, and turns every failure into `STORE_UNAVAILABLE`.
 *
 * Database clients wait forever by default when their server is down or frozen, and unanswered deliveries would pile up.
 */
export function withDeadline<Tx>(
  store: InboxStore<Tx>,
  deadlineMs: number,
  clock: Clock,
  report?: (error: WebhookError) => void,
): InboxStore<Tx> {
  let [isOpen, isClosed] = [false, false];
  let opening: Promise<void> | undefined;
  const user = new StoreUser(store);

  function open(): Promise<void> {
    if (isOpen) return Promise.resolve();
    const mayOpen = user.begin();
    opening ??= mayOpen
      .then(() => store.open(report))
      .then(() => {
        isOpen = true;
      });
    return opening;
  }

  /** Lets the next call open the store again when opening failed or hangs: on Workers it dies with the request that began it. */
  function forget(one: Promise<void>): void {
    if (opening === one) opening = undefined;
  }

  /** @param undo - called with a result that came after the deadline */
  async function call<T>(method: keyof InboxStore, run: () => Promise<T>, undo?: (result: T) => unknown): Promise<T> {
    if (isClosed) throw new WebhookError("STORE_UNAVAILABLE", "The inbox is closed.");
    const opened = open();
    const running = opened.then(run);
    try {
      return await withTimeout(clock, deadlineMs, running, () => {
        running.then(undo, () => {});
        return new WebhookError(
          "STORE_UNAVAILABLE",
          `The store did not finish \`${method}\` within ${deadlineMs} ms (\`storeTimeoutMs\`).`,
        );
      });
    } catch (cause) {
      forget(opened);
      throw unavailable(method, cause);
    }
  }

  async function close(): Promise<void> {
    isClosed = true;
    // A store that is still opening would stay open.
    if (opening !== undefined && !isOpen) await waitAtMost(clock, deadlineMs, opening);
    await withTimeout(clock, CLOSE_MS, user.end(), () => new WebhookError("STORE_UNAVAILABLE", NOT_CLOSED));
  }

  return {
    get durability() {
      return store.durability;
    },
    get place() {
      return store.place;
    },
    get problem() {
      return store.problem ?? null;
    },
    open: () => call("open", async () => {}),
    accept: (event) => call("accept", () => store.accept(event)),
    reject: (event, cap) => call("reject", () => store.reject(event, cap)),
    // Events claimed too late are given back: no other process can claim them until their leases end.
    claim: (request) =>
      call(
        "claim",
        () => store.claim(request),
        (late) => releaseClaims(store, request.token, late),
      ),
    correctDueTimes: (source) => call("correctDueTimes", () => store.correctDueTimes(source)),
    renew: (lease, leaseMs) => call("renew", () => store.renew(lease, leaseMs)),
    settle: (lease, settlement) => call("settle", () => store.settle(lease, settlement)),
    // No deadline: the work is the user's, and the handler timeout and the lease limit it.
    transact: (lease, work) => store.transact(lease, work),
    newestDone: (orderKey) => call("newestDone", () => store.newestDone(orderKey)),
    get: (key) => call("get", () => store.get(key)),
    list: (query) => call("list", () => store.list(query)),
    overdue: (query) => call("overdue", () => store.overdue(query)),
    dueInMs: (key) => call("dueInMs", () => store.dueInMs(key)),
    redrive: (keys, force) => call("redrive", () => store.redrive(keys, force)),
    erase: (keys) => call("erase", () => store.erase(keys)),
    pause: (source, name) => call("pause", () => store.pause(source, name)),
    resume: (source, name) => call("resume", () => store.resume(source, name)),
    stats: (source) => call("stats", () => store.stats(source)),
    timeline: (query) => call("timeline", () => store.timeline(query)),
    prune: (request) => call("prune", () => store.prune(request)),
    unindexed: (source, limit) => call("unindexed", () => store.unindexed(source, limit)),
    index: (entries) => call("index", () => store.index(entries)),
    close,
  };
}

/** How long a store may take to close, in milliseconds. A file may have to be written first. */
const CLOSE_MS = 10_000;

const NOT_CLOSED = `The store did not finish \`close\` within ${CLOSE_MS} ms. What was accepted is stored, but what the store opened may still be open.`;

function unavailable(method: string, cause: unknown): WebhookError {
  if (isWebhookError(cause)) return cause;
  return new WebhookError("STORE_UNAVAILABLE", `The store failed in \`${method}\`.`, { cause });
}
