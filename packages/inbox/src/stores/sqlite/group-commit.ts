import { WebhookError } from "@popp-webhooks/core";

interface Pending {
  readonly run: () => void;
  readonly fail: (error: unknown) => void;
  readonly finish: () => void;
}

/** How many writes share a commit at most: what waits behind it would otherwise wait too long. */
const GROUP = 256;

/**
 * Lets the writes that come at about the same time share a commit, and with it the wait for the disk.
 *
 * A write that fails takes no other with it: its group is rolled back, and each of it runs again in a transaction of its own.
 *
 * @param transaction - runs work in a transaction
 * @param maxPending - how many writes may wait
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
      if (group.length === 1) for (const one of group) one.fail(error);
      else for (const one of group) await commit([one]);
    }
  }

  /** Lets the group grow until a turn of the event loop brings nothing more: whoever was answered after the last commit comes back over several. */
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
        reject(
          new WebhookError("STORE_UNAVAILABLE", `Too many writes are waiting for the disk (\`maxPendingWrites\`).`),
        );
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

/** Resolves when the event loop has been around once. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (isScheduler(immediate)) immediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/** Not in every runtime, and so not among the types. */
const immediate: unknown = Reflect.get(globalThis, "setImmediate");

function isScheduler(value: unknown): value is (callback: () => void) => unknown {
  return typeof value === "function";
}
