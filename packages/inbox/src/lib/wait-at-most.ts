import type { Clock } from "./clock.ts";

/** Waits at most `ms` for a promise to settle and ignores its result. */
export function waitAtMost(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    promise.then(end, end);
  });
}

/** Settles as the promise does, but rejects with `timeoutError()` when that takes longer than `ms`. The work itself goes on. */
export function withTimeout<T>(clock: Clock, ms: number, promise: Promise<T>, timeoutError: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(timeoutError()));
    promise.finally(cancel).then(resolve, reject);
  });
}
