import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Result } from "../../result.ts";

const ROUNDS = 10;

/** Measures something ten times, after a first time that does not count. */
export async function milliseconds(
  what: string,
  store: string,
  atMostMs: number | undefined,
  work: () => Promise<unknown>,
): Promise<Result> {
  const first = await timed(work);
  await sleep(1);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    times.push(await timed(work));
    // A turn of the event loop, so that its pauses are told apart.
    await sleep(1);
  }
  times.sort((a, b) => a - b);
  const median = percentile(times, 0.5);
  return {
    what,
    against: store,
    measured: ms(median),
    spread: `${ms(percentile(times, 1))}, first ${ms(first)}`,
    ...(atMostMs !== undefined && { target: `≤ ${atMostMs} ms`, met: median <= atMostMs }),
  };
}

/** How long something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}

/** Runs something, and returns the event loop's longest pause meanwhile. */
export async function longestPause(work: () => Promise<unknown>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await sleep(20);
  delays.reset();
  // The first turn after a reset is not recorded.
  await sleep(20);
  await work();
  await sleep(20);
  delays.disable();
  return delays.max / 1e6;
}

/** A line for the event loop's longest pause. */
export function pauseOf(what: string, store: string, pauseMs: number): Result {
  return {
    what: `the event loop's longest pause: ${what}`,
    against: store,
    measured: ms(pauseMs),
    target: "≤ 50 ms",
    met: pauseMs <= 50,
  };
}

/** Of sorted values, the one that this share of them does not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en")} ms`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
