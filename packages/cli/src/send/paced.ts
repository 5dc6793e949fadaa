import { performance } from "node:perf_hooks";

/** The pause before the clock is looked at again. */
const TICK_MS = 1;

/** How many runs, how fast, and how many at once. */
export interface Pace {
  readonly total: number;
  /** Undefined: as fast as they end. */
  readonly perSecond: number | undefined;
  readonly concurrency: number;
  /** Ends it early: nothing more is started. */
  readonly signal: AbortSignal;
}

/** What was started. */
export interface Started {
  readonly started: number;
  /** From the first start to the end of the last run. */
  readonly seconds: number;
  /** The rate of the starts; null for fewer than two. */
  readonly perSecond: number | null;
}

/**
 * Runs something many times at a steady rate, and resolves when all have ended. What a busy moment delayed is caught up.
 *
 * @param run - rejects to end everything
 */
export function paced({ total, perSecond, concurrency, signal }: Pace, run: () => Promise<void>): Promise<Started> {
  const startedAt = performance.now();
  let [started, running, lastAt] = [0, 0, startedAt];
  let timer: NodeJS.Timeout | undefined;

  /** The time at which the next run is due. */
  const dueAt = () => (perSecond === undefined ? startedAt : startedAt + (started / perSecond) * 1_000);
  const isOver = () => started === total || signal.aborted;

  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", goOn, { once: true });
    goOn();

    function goOn(): void {
      clearTimeout(timer);
      while (!isOver() && running < concurrency && dueAt() <= performance.now()) start();
      if (!isOver() && running < concurrency)
        timer = setTimeout(goOn, Math.max(TICK_MS, Math.floor(dueAt() - performance.now())));
      if (isOver() && running === 0) resolve(result());
    }

    function start(): void {
      started++;
      running++;
      lastAt = performance.now();
      run().then(() => {
        running--;
        goOn();
      }, reject);
    }
  });

  function result(): Started {
    const perSecondHeld = started > 1 && lastAt > startedAt ? ((started - 1) * 1_000) / (lastAt - startedAt) : null;
    return { started, seconds: (performance.now() - startedAt) / 1_000, perSecond: perSecondHeld };
  }
}
