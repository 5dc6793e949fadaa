import type { Timing } from "./compare.ts";

/** One line of the table. */
export interface Result {
  /** What was measured. */
  readonly what: string;
  /** What it is compared with. */
  readonly against: string;
  /** The figure: a ratio unless it names its unit. */
  readonly measured: string;
  /** How far its rounds spread, where it has rounds. */
  readonly spread?: string;
  /** The target, where there is one. */
  readonly target?: string;
  /** Whether the target is met. */
  readonly met?: boolean;
}

/** A ratio of two timings of one run, with the spread that the quartiles of the first give. */
export function ratio(what: string, timing: Timing, against: string, floor: Timing, atMost?: number): Result {
  const value = timing.median / floor.median;
  const [low, high] = timing.quartiles.map((quartile) => (quartile / floor.median).toFixed(2));
  return {
    what,
    against,
    measured: value.toFixed(2),
    spread: `${low}–${high}`,
    ...(atMost !== undefined && { target: `≤ ${atMost}`, met: value <= atMost }),
  };
}
