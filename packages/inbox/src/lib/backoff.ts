/** How long to wait between attempts. */
export interface Backoff {
  /** The most that the first wait may take, in milliseconds. */
  readonly baseMs: number;
  /** The most that any wait may take, in milliseconds. */
  readonly maxMs: number;
  /** How many times longer each wait may take than the one before. */
  readonly growth: number;
}

/** Full jitter: any time up to the most that the attempt's wait may take, so that events which failed together do not come back together. */
export function backoffMs(attempt: number, backoff: Backoff, random: () => number): number {
  return Math.floor(random() * longestBackoffMs(attempt, backoff));
}

/** The most that the wait after an attempt may take, in milliseconds. */
export function longestBackoffMs(attempt: number, { baseMs, maxMs, growth }: Backoff): number {
  return Math.min(maxMs, baseMs * growth ** (attempt - 1));
}
