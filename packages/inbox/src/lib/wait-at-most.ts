import type { Clock } from "./clock.ts";

/** Waits for something to settle, and no longer than this; what it comes to does not matter. */
export async function within(clock: Clock, ms: number, settling: Promise<unknown>): Promise<void> {
  let cancel = () => {};
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  await Promise.race([settling.catch(() => {}), late]);
  cancel();
}
