const RUNS = ["quick", "ci", "long"] as const;
const run = RUNS.find((name) => name === process.env.POPP_FAULTS) ?? "quick";

/** Picks the size of a test: for a quick run, for CI, and for the long run of `pnpm faults`. */
export function scaled(quick: number, ci: number, long: number): number {
  return { quick, ci, long }[run];
}
