import { withTimeout as withTimer } from "@popp-webhooks/core/internal";
import type { Clock } from "./clock.ts";

/** Settles as the promise does, but rejects with `timeoutError()` when that takes longer than `ms`. The work itself goes on. */
export function withTimeout<T>(clock: Clock, ms: number, promise: Promise<T>, timeoutError: () => Error): Promise<T> {
  const late = (): never => {
    throw timeoutError();
  };
  return withTimer(promise, ms, late, (fire) => clock.after(ms, fire));
}

/** Waits at most `ms` for a promise to settle and ignores its result. */
export async function waitAtMost(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  const settled = promise.then(
    () => {},
    () => {},
  );
  await withTimer(
    settled,
    ms,
    () => {},
    (fire) => clock.after(ms, fire),
  );
}
