import type { Plan } from "../inbox-config.ts";
import type { OverdueEvent } from "../ports/store.ts";
import type { Waker } from "./enqueuer.ts";

/** How many overdue events one call asks the store for. */
const PAGE = 500;

/** What is overdue for long is woken for again this often. */
const HOUR_MS = 3_600_000;

/**
 * Repairs lost wake-ups: it puts references to what nobody came for back into the queue.
 *
 * Not to all of it each time, as the queue may hold them still and its workers be slow: an event is woken for when it has been
 * due for the grace, for twice that, four times, and so on, and in the end every hour.
 */
export class WakeSweeper {
  readonly #plan: Plan;
  readonly #waker: Waker;
  /** When the latest sweep began that got to the end, by this process's clock. */
  #sweptAtMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(plan: Plan, waker: Waker) {
    this.#plan = plan;
    this.#waker = waker;
  }

  /** Sweeps twice in a grace, from now on. */
  start(): void {
    // Not in step with other processes that were started together.
    if (this.#cancel === undefined) this.#sweepAfter(this.#pauseMs() * this.#plan.clock.random());
  }

  /** Sweeps no more, and resolves when a sweep that has begun is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  /** Wakes for so many overdue events at most, and says for how many. Rejects when the store or the queue fails. */
  async sweep(limit: number): Promise<number> {
    const { store, source, wakeGraceMs, clock } = this.#plan;
    const beganAtMs = clock.now();
    let woken = 0;
    let after: OverdueEvent | null = null;
    while (!this.#isStopped && woken < limit) {
      const page: readonly OverdueEvent[] = await store.overdue({ source, lateMs: wakeGraceMs, after, limit: PAGE });
      const sinceMs = clock.now() - this.#sweptAtMs;
      const due = page.filter(({ lateMs }) => isTime(lateMs, wakeGraceMs, sinceMs)).map(({ key }) => key);
      const keys = due.slice(0, limit - woken);
      await this.#waker.wakeEach(keys);
      woken += keys.length;
      after = page.at(-1) ?? null;
      if (page.length === PAGE || keys.length < due.length) continue;
      this.#sweptAtMs = beganAtMs;
      break;
    }
    return woken;
  }

  #sweepAfter(delayMs: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#plan.clock.after(delayMs, () => {
      this.#running = this.#round();
    });
  }

  async #round(): Promise<void> {
    await this.sweep(Number.POSITIVE_INFINITY).catch(this.#plan.fail);
    this.#sweepAfter(this.#pauseMs());
  }

  #pauseMs(): number {
    return this.#plan.wakeGraceMs / 2;
  }
}

/** Whether an event came to one of its times since the latest sweep. */
function isTime(lateMs: number, graceMs: number, sinceMs: number): boolean {
  const longest = Math.max(graceMs, HOUR_MS);
  const time =
    lateMs < longest ? graceMs * 2 ** Math.floor(Math.log2(lateMs / graceMs)) : Math.floor(lateMs / longest) * longest;
  return time > lateMs - sinceMs;
}
