import type { Clock } from "./clock.ts";
import type { InboxStore, Lease } from "./store.ts";

/** How many times a lease is renewed before it would end. */
const RENEWALS = 3;

/**
 * A lease that is kept alive until it is let go, or lost.
 *
 * It counts as lost when the store says so, and also when the store could not be asked for as long as it lasts: by then
 * somebody else may have the event.
 */
export class HeldLease {
  readonly lease: Lease;
  /** Resolves when the lease is lost. */
  readonly lost: Promise<void>;
  readonly #store: Pick<InboxStore, "renew">;
  readonly #leaseMs: number;
  readonly #clock: Clock;
  #lose: () => void = () => {};
  #isLost = false;
  #validUntilMs: number;
  #cancel: () => void = () => {};
  #letGo = false;

  /**
   * @param claimedAtMs - a time by the clock before the claim was sent: the store's count began later
   */
  constructor(store: Pick<InboxStore, "renew">, lease: Lease, leaseMs: number, clock: Clock, claimedAtMs: number) {
    this.lease = lease;
    this.#store = store;
    this.#leaseMs = leaseMs;
    this.#clock = clock;
    this.#validUntilMs = claimedAtMs + leaseMs;
    this.lost = new Promise((resolve) => {
      this.#lose = () => {
        this.#isLost = true;
        this.letGo();
        resolve();
      };
    });
    this.#renewLater();
  }

  /** Whether it is lost. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Called by whoever learns from the store that it is lost. */
  lose(): void {
    this.#lose();
  }

  /** Renews it no more. */
  letGo(): void {
    this.#letGo = true;
    this.#cancel();
  }

  #renewLater(): void {
    if (!this.#letGo) this.#cancel = this.#clock.after(this.#leaseMs / RENEWALS, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const askedAtMs = this.#clock.now();
    const renewed = await this.#store.renew(this.lease, this.#leaseMs).catch(() => undefined);
    if (this.#letGo) return;
    if (renewed) this.#validUntilMs = askedAtMs + this.#leaseMs;
    else if (renewed === false || this.#clock.now() >= this.#validUntilMs) this.#lose();
    this.#renewLater();
  }
}
