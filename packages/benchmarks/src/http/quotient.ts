import type { Result } from "../result.ts";
import type { Round } from "./interleaved.ts";

/** Divides each round of one server by the same round of another and sorts the ratios. */
export function pairs(ours: readonly Round[], theirs: readonly Round[], of: (round: Round) => number): number[] {
  return ours.map((round, at) => of(round) / of(theirs[at] ?? round)).sort((a, b) => a - b);
}

/** Makes a line of the table from the median of such ratios. */
export function quotient(
  what: string,
  against: string,
  ratios: readonly number[],
  target: number | undefined,
  atLeast: boolean,
): Result {
  const median = ratios[ratios.length >> 1] ?? Number.NaN;
  const spread = [ratios[ratios.length >> 2], ratios[Math.floor(ratios.length * 0.75)]]
    .map((value) => value?.toFixed(2))
    .join("–");
  return {
    what,
    against,
    measured: median.toFixed(2),
    spread,
    ...(target !== undefined && {
      target: `${atLeast ? "≥" : "≤"} ${target}`,
      met: atLeast ? median >= target : median <= target,
    }),
  };
}
