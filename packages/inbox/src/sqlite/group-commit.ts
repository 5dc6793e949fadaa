import { WebhookError } from "@popp-webhooks/core";

interface Pending {
  readonly run: () => void;
  readonly fail: (error: unknown) => void;
  readonly finish: () => void;
}

/** How many writes share a commit at most: what waits behind it would otherwise wait too long. */
const GROUP = 256;

/**
 * Lets the writes of one turn of the event loop share a commit, and with it the wait for the disk.
 *
 * A write that fails takes no other with it: its group is rolled back, and each of it runs again in a transaction of its own.
 *
 * @param exclusively - runs work in a transaction
 * @param maxPending - how many writes may wait
 */
export function groupCommit(
  exclusively: (work: () => void) => Promise<void>,
  maxPending: number,
): <T>(write: () => T) => Promise<T> {
  const pending: Pending[] = [];
  let busy = false;

  async function commit(group: readonly Pending[]): Promise<void> {
    try {
      await exclusively(() => {
        for (const one of group) one.run();
      });
      for (const one of group) one.finish();
    } catch (error) {
      if (group.length === 1) for (const one of group) one.fail(error);
      else for (const one of group) await commit([one]);
    }
  }

  async function drain(): Promise<void> {
    await turn();
    while (pending.length > 0) {
      await commit(pending.splice(0, GROUP));
      await turn();
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

/** Whatever this turn of the event loop still brings joins the group. */
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
