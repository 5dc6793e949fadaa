import type { InboxConfig } from "../inbox-config.ts";
import { ExpiringSet } from "../lib/expiring-set.ts";

/**
 * Limits how many abandoned events this process handles at the same time. One of them may have crashed its process, and would take the others
 * with it, which would lose an attempt each.
 *
 * The limit starts at one. Each handler that ends without a crash raises it by one, so that it doubles with every round. It falls back to one at an
 * event that crashed more often than those that ended, and when no abandoned event was handled for the time of a lease.
 */
export class AbandonedLimit {
  readonly #config: Pick<InboxConfig, "clock" | "leaseMs" | "handlerTimeoutMs">;
  readonly #taken: ExpiringSet<number>;
  #limit = 1;
  /** The most crashes of an event whose handler ended. */
  #harmlessCrashes = 0;
  #lastEndMs = Number.NEGATIVE_INFINITY;

  constructor(config: Pick<InboxConfig, "clock" | "leaseMs" | "handlerTimeoutMs">) {
    this.#config = config;
    this.#taken = new ExpiringSet(config.clock, config.handlerTimeoutMs + config.leaseMs);
  }

  /** How many more abandoned events may be claimed. */
  get free(): number {
    const { clock, leaseMs } = this.#config;
    const taken = this.#taken.members.reduce((sum, count) => sum + count, 0);
    if (taken === 0 && clock.now() > this.#lastEndMs + leaseMs) this.#reset();
    return this.#limit - taken;
  }

  /** Takes places for a claim under way. Returns a function that frees them. */
  take(count: number): () => void {
    return this.#taken.add(count);
  }

  /** Takes a place for the handler of an abandoned event. Returns a function to call when it has ended. */
  begin(crashes: number): () => void {
    if (crashes > this.#harmlessCrashes) this.#limit = 1;
    const free = this.#taken.add(1);
    return () => {
      free();
      this.#limit++;
      this.#harmlessCrashes = Math.max(this.#harmlessCrashes, crashes);
      this.#lastEndMs = this.#config.clock.now();
    };
  }

  #reset(): void {
    this.#limit = 1;
    this.#harmlessCrashes = 0;
  }
}
