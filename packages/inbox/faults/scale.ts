const RUNS = ["quick", "ci", "long"] as const;
const run = RUNS.find((name) => name === process.env.POPP_FAULTS) ?? "quick";

/** How much of something a test does: in `pnpm test`, in CI, and in the long run of `pnpm faults`. */
export function scaled(quick: number, ci: number, long: number): number {
  return { quick, ci, long }[run];
}
