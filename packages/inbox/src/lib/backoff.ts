import { wholeMs } from "./whole-ms.ts";

/** How long to wait between attempts. */
export interface Backoff {
  /** The most that the first wait may take, in milliseconds. */
  readonly baseMs: number;
  /** The most that any wait may take, in milliseconds. */
  readonly maxMs: number;
  /** How many times longer each wait may take than the one before. */
  readonly growth: number;
}

/**
 * Equal jitter: between half and all of the most that the attempt's wait may take. The random half spreads events that failed together. The
 * fixed half gives a dependency that is down the time to recover, and a lower bound to all the waits of an event.
 */
export function backoffMs(attempt: number, backoff: Backoff, random: () => number): number {
  return Math.floor((longestBackoffMs(attempt, backoff) * (1 + random())) / 2);
}

/** The most that the wait after an attempt may take, in milliseconds. */
function longestBackoffMs(attempt: number, { baseMs, maxMs, growth }: Backoff): number {
  return Math.min(maxMs, baseMs * growth ** (attempt - 1));
}

/** The most that each wait may take, up to `count` of them: the last one that is returned is for all further attempts. */
export function longestBackoffs(count: number, backoff: Backoff): readonly number[] {
  const wait = (attempt: number) => wholeMs(longestBackoffMs(attempt, backoff));
  const waits = [wait(1)];
  while (waits.length < count && (waits.at(-1) ?? 0) < backoff.maxMs) waits.push(wait(waits.length + 1));
  return waits;
}
