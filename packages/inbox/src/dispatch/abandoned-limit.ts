import type { InboxConfig } from "../inbox-config.ts";
import { ExpiringSet } from "../lib/expiring-set.ts";

/** The handler of an abandoned event, or a claim that may bring one. */
interface Holder {
  /** Whether the event crashed more often than those whose handlers ended. */
  readonly isSuspect: boolean;
}

/**
 * Limits how many abandoned events this process handles at the same time. One of them may have crashed its process, and would take the others
 * with it, which would lose an attempt each.
 *
 * The limit starts at one. Each handler that ends without a crash raises it by one, so that it doubles with every round. While an event is handled that
 * crashed more often than those that ended, no other one begins, and the limit is one again. So it is when no abandoned event was handled for the time
 * of a lease.
 */
export class AbandonedLimit {
  readonly #config: Pick<InboxConfig, "clock" | "leaseMs" | "handlerTimeoutMs">;
  readonly #holders: ExpiringSet<Holder>;
  #limit = 1;
  /** The most crashes of an event whose handler ended. */
  #harmlessCrashes = 0;
  #lastEndMs = Number.NEGATIVE_INFINITY;

  constructor(config: Pick<InboxConfig, "clock" | "leaseMs" | "handlerTimeoutMs">) {
    this.#config = config;
    this.#holders = new ExpiringSet(config.clock, config.handlerTimeoutMs + config.leaseMs);
  }

  /** Whether one more abandoned event may be claimed. */
  get isFree(): boolean {
    const { clock, leaseMs } = this.#config;
    const holders = this.#holders.members;
    if (holders.length === 0 && clock.now() > this.#lastEndMs + leaseMs) this.#reset();
    return holders.length < this.#limit && !holders.some(({ isSuspect }) => isSuspect);
  }

  /** Takes a place for a claim. Returns a function that frees it. */
  take(): () => void {
    return this.#holders.add({ isSuspect: false });
  }

  /** Takes a place for the handler of an abandoned event. Returns a function to call when it has ended. */
  begin(crashes: number): () => void {
    const isSuspect = crashes > this.#harmlessCrashes;
    if (isSuspect) this.#limit = 1;
    const free = this.#holders.add({ isSuspect });
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
