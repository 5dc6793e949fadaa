/** A measured subject: does its work `times` times. */
export type Subject = (times: number) => unknown;

/** The times of one subject, in nanoseconds per operation. */
export interface Timing {
  readonly median: number;
  /** The lower and the upper quartile of the rounds. */
  readonly quartiles: readonly [number, number];
}

/** The clock: CPU time, which a busy machine affects least, or wall time for work that waits. */
export type Clock = "cpu" | "wall";

/** The approximate length of each round. */
const ROUND_MS = 25;

/**
 * Measures subjects in interleaved rounds, so that noise affects all of them. Each round has an order of its own: what one subject leaves to
 * the garbage collector slows the next one, by a tenth behind `createHmac`.
 *
 * Benchmark libraries measure one subject after the other, and noise of half a minute then distorts the ratio.
 */
export async function compare<Name extends string>(
  subjects: Readonly<Record<Name, Subject>>,
  rounds: number,
  clock: Clock = "cpu",
): Promise<Record<Name, Timing>> {
  const names = Object.keys(subjects) as Name[];
  const times = new Map(names.map((name) => [name, 50]));
  const samples = new Map(names.map((name): [Name, number[]] => [name, []]));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const name of shuffled(names)) {
      const count = times.get(name) ?? 1;
      const started = nanosecondsOn(clock);
      await subjects[name](count);
      const elapsed = nanosecondsOn(clock) - started;
      if (round < 0) times.set(name, Math.max(1, Math.round((count * ROUND_MS * 1e6) / elapsed)));
      else samples.get(name)?.push(elapsed / count);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summary(samples.get(name) ?? [])])) as Record<Name, Timing>;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

function nanosecondsOn(clock: Clock): number {
  if (clock === "wall") return performance.now() * 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

/** Warm-up rounds, in which code is compiled and the length of a round is found. Their times are discarded. */
const WARM_UP = 6;

/** Returns the median and the quartiles of the samples. */
export function summary(samples: number[]): Timing {
  const sorted = samples.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
}
