import type { Timing } from "./compare.ts";

/** One line of the table. */
export interface Result {
  /** The measured subject. */
  readonly what: string;
  /** The subject of comparison. */
  readonly against: string;
  /** The result: a ratio unless it names its unit. */
  readonly measured: string;
  /** The spread over the rounds, if there are rounds. */
  readonly spread?: string;
  /** The target, if there is one. */
  readonly target?: string;
  /** Whether the target is met. */
  readonly met?: boolean;
}

/** Divides two timings of one run. The spread comes from the quartiles of the first. */
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
