import type { Plan } from "../inbox-config.ts";
import type { Lease } from "../ports/store.ts";

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
  readonly #plan: Pick<Plan, "store" | "leaseMs" | "clock" | "fail">;
  #lose: () => void = () => {};
  #isLost = false;
  #validUntilMs: number;
  #cancel: () => void = () => {};
  #letGo = false;

  /**
   * @param claimedAtMs - a time by the clock before the claim was sent: the store's count began later
   */
  constructor(plan: Pick<Plan, "store" | "leaseMs" | "clock" | "fail">, lease: Lease, claimedAtMs: number) {
    this.lease = lease;
    this.#plan = plan;
    this.#validUntilMs = claimedAtMs + plan.leaseMs;
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
    const { leaseMs, clock } = this.#plan;
    const leftMs = Math.max(0, this.#validUntilMs - clock.now());
    this.#cancel = clock.after(Math.min(leaseMs / RENEWALS, leftMs), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { store, leaseMs, clock, fail } = this.#plan;
    const askedAtMs = clock.now();
    if (askedAtMs >= this.#validUntilMs) return this.#lose();
    // The store may take longer to answer than the lease lasts.
    this.#cancel = clock.after(this.#validUntilMs - askedAtMs, this.#lose);
    const renewed = await store.renew(this.lease, leaseMs).catch(fail);
    if (this.#letGo) return;
    this.#cancel();
    if (renewed) this.#validUntilMs = askedAtMs + leaseMs;
    if (renewed === false) this.#lose();
    else this.#renewLater();
  }
}
