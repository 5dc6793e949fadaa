import type { Plan } from "../inbox-config.ts";
import type { Pruned } from "../ports/store.ts";

const HOUR_MS = 3_600_000;

/** How many events one call forgets at most: others wait for the store meanwhile. */
const STEP = 200;

/** Forgets what is old: at the start, and every hour. */
export class Housekeeping {
  readonly #plan: Plan;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  start(): void {
    // Not at once, and not in step with other processes that were started together.
    this.#cancel ??= this.#plan.clock.after(60_000 * this.#plan.clock.random(), () => void this.#round());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  /** Forgets what is old, in steps. */
  async tidy(): Promise<Pruned> {
    const { store, source, keepBodiesMs, keepEventsMs } = this.#plan;
    const request = { source, bodiesOlderThanMs: keepBodiesMs, rowsOlderThanMs: keepEventsMs, limit: STEP };
    let [bodies, rows] = [0, 0];
    while (!this.#isStopped) {
      const step = await store.prune(request);
      bodies += step.bodies;
      rows += step.rows;
      if (step.bodies < STEP && step.rows < STEP) break;
    }
    return { bodies, rows };
  }

  async #round(): Promise<void> {
    await this.tidy().catch(this.#plan.fail);
    if (!this.#isStopped) this.#cancel = this.#plan.clock.after(HOUR_MS, () => void this.#round());
  }
}
