import type { InboxConfig } from "../inbox-config.ts";
import type { OverdueEvent } from "../ports/queries.ts";
import type { Enqueuer } from "./enqueuer.ts";

/** How many overdue events one call to the store returns. */
const PAGE = 500;

/** How often a long overdue event is enqueued again. */
const HOUR_MS = 3_600_000;

/**
 * Enqueues overdue events again, because their jobs may be lost.
 *
 * It does not enqueue all of them each time: the queue may still hold their jobs while its workers are slow. An event is
 * enqueued again when it is overdue by the grace period, by twice that, four times, and so on, and in the end every hour.
 */
export class OverdueSweeper {
  readonly #config: InboxConfig;
  readonly #enqueuer: Enqueuer;
  /** When the latest complete sweep began, by this process's clock. */
  #sweptAtMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(config: InboxConfig, enqueuer: Enqueuer) {
    this.#config = config;
    this.#enqueuer = enqueuer;
  }

  /** Sweeps twice in each grace period from now on. */
  start(): void {
    // The first delay is random, so that processes started together do not sweep at the same time.
    if (this.#cancel === undefined) this.#sweepAfter(this.#intervalMs() * this.#config.clock.random());
  }

  /** Stops sweeping, and resolves when the current sweep has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  /** Enqueues at most `limit` overdue events and returns how many. Rejects when the store or the queue fails. */
  async sweep(limit: number): Promise<number> {
    const { store, source, wakeGraceMs, clock } = this.#config;
    const beganAtMs = clock.now();
    await store.correctDueTimes(source);
    let enqueued = 0;
    let after: OverdueEvent | null = null;
    while (!this.#isStopped && enqueued < limit) {
      const page: readonly OverdueEvent[] = await store.overdue({ source, lateMs: wakeGraceMs, after, limit: PAGE });
      const sinceMs = clock.now() - this.#sweptAtMs;
      const due = page.filter(({ lateMs }) => isTime(lateMs, wakeGraceMs, sinceMs)).map(({ key }) => key);
      const keys = due.slice(0, limit - enqueued);
      // The queue may delay the job of an event that was redriven while a worker was putting it off.
      await this.#enqueuer.enqueueAll(keys, { delayMs: 0 });
      enqueued += keys.length;
      after = page.at(-1) ?? null;
      if (page.length === PAGE || keys.length < due.length) continue;
      this.#sweptAtMs = beganAtMs;
      break;
    }
    return enqueued;
  }

  #sweepAfter(delayMs: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#config.clock.after(delayMs, () => {
      this.#running = this.#round();
    });
  }

  async #round(): Promise<void> {
    await this.sweep(Number.POSITIVE_INFINITY).catch(this.#config.reportError);
    this.#sweepAfter(this.#intervalMs());
  }

  #intervalMs(): number {
    return this.#config.wakeGraceMs / 2;
  }
}

/** Whether one of the event's times to be enqueued has come since the latest sweep. */
function isTime(lateMs: number, graceMs: number, sinceMs: number): boolean {
  const longest = Math.max(graceMs, HOUR_MS);
  const time =
    lateMs < longest ? graceMs * 2 ** Math.floor(Math.log2(lateMs / graceMs)) : Math.floor(lateMs / longest) * longest;
  return time > lateMs - sinceMs;
}
