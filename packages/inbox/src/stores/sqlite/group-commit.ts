import { isWebhookError, WebhookError } from "@popp-webhooks/core";

interface Pending {
  readonly run: () => void;
  readonly fail: (error: unknown) => void;
  readonly finish: () => void;
}

/** How many writes share a commit at most. Writes after them would wait too long in a larger group. */
const GROUP = 256;

/**
 * Lets concurrent writes share a commit, and with it the wait for the disk.
 *
 * A failed write does not affect the others: the group is rolled back, and each of its writes runs again in its own transaction.
 *
 * @param transaction - runs work in a transaction
 * @param maxPending - how many writes may wait; more are refused
 */
export function groupCommit(
  transaction: (work: () => void) => Promise<void>,
  maxPending: number,
): <T>(write: () => T) => Promise<T> {
  const pending: Pending[] = [];
  let busy = false;

  async function commit(group: readonly Pending[]): Promise<void> {
    try {
      await transaction(() => {
        for (const one of group) one.run();
      });
      for (const one of group) one.finish();
    } catch (error) {
      // A store that is unavailable would refuse each of them again.
      if (group.length === 1 || isWebhookError(error)) for (const one of group) one.fail(error);
      else for (const one of group) await commit([one]);
    }
  }

  /** Waits until a turn of the event loop adds no more writes: callers that were answered after the last commit come back over several turns. */
  async function gather(): Promise<void> {
    let before: number;
    do {
      before = pending.length;
      await turn();
    } while (pending.length > before && pending.length < GROUP);
  }

  async function drain(): Promise<void> {
    await gather();
    while (pending.length > 0) {
      await commit(pending.splice(0, GROUP));
      await gather();
    }
    busy = false;
  }

  return <T>(write: () => T) =>
    new Promise<T>((resolve, reject) => {
      if (pending.length >= maxPending) {
        reject(new WebhookError("STORE_UNAVAILABLE", "Too many writes are waiting for the disk (`maxPendingWrites`)."));
        return;
      }
      let finish = () => {};
      pending.push({
        run: () => {
          const value = write();
          finish = () => resolve(value);
        },
        finish: () => finish(),
        fail: reject,
      });
      if (busy) return;
      busy = true;
      void drain();
    });
}

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (isScheduler(immediate)) immediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/** `setImmediate` is missing in some runtimes, and so in the types. */
const immediate: unknown = Reflect.get(globalThis, "setImmediate");

function isScheduler(value: unknown): value is (callback: () => void) => unknown {
  return typeof value === "function";
}
