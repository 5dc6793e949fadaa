/** How long to wait between attempts. */
export interface BackoffLimits {
  /** The most that the first wait may take, in milliseconds. */
  readonly baseMs: number;
  /** The most that any wait may take, in milliseconds. */
  readonly maxMs: number;
}

/** How much longer each wait may take than the one before: from a second to an hour within eight attempts. */
const GROWTH = 4;

/** Full jitter: anything up to four times as much each time, so that what failed together does not come back together. */
export function backoffMs(attempt: number, { baseMs, maxMs }: BackoffLimits, random: () => number): number {
  return Math.floor(random() * Math.min(maxMs, baseMs * GROWTH ** (attempt - 1)));
}
