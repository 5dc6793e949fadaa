/** Longer than any store keeps anything, and small enough to be added to a time: about 3,000 years. */
const LONGEST_MS = 1e14;

/** Rounds a duration up for a store: Postgres refuses fractions of a millisecond, and no engine takes what is not finite. */
export function wholeMs(ms: number): number {
  return Math.min(Math.ceil(ms), LONGEST_MS);
}
