import type { InboxConfig } from "../inbox-config.ts";
import type { Lease } from "../ports/claims.ts";

/** How many times a lease is renewed within its duration. */
const RENEWALS = 3;

/**
 * Renews a lease until it is stopped or the lease is lost.
 *
 * The lease counts as lost when the store says so, and also when the store did not answer for the whole duration of the lease:
 * another process may hold the event by then.
 */
export class LeaseKeeper {
  readonly lease: Lease;
  /** Resolves when the lease is lost. */
  readonly lost: Promise<void>;
  readonly #config: Pick<InboxConfig, "store" | "leaseMs" | "clock" | "reportError">;
  #resolveLost: () => void = () => {};
  #isLost = false;
  #isStopped = false;
  #validUntilMs: number;
  #cancel: () => void = () => {};

  /** @param claimedAtMs - a time before the claim was sent, by this process's clock: the store starts the lease later */
  constructor(
    config: Pick<InboxConfig, "store" | "leaseMs" | "clock" | "reportError">,
    lease: Lease,
    claimedAtMs: number,
  ) {
    this.lease = lease;
    this.#config = config;
    this.#validUntilMs = claimedAtMs + config.leaseMs;
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    this.#renewLater();
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Call this when the store says that the lease is lost. An arrow function, so that it can be passed as a callback. */
  readonly markLost = (): void => {
    this.#isLost = true;
    this.stop();
    this.#resolveLost();
  };

  /** Stops renewing. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #renewLater(): void {
    const { leaseMs, clock } = this.#config;
    const leftMs = Math.max(0, this.#validUntilMs - clock.now());
    this.#cancel = clock.after(Math.min(leaseMs / RENEWALS, leftMs), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { store, leaseMs, clock, reportError } = this.#config;
    const askedAtMs = clock.now();
    if (askedAtMs >= this.#validUntilMs) return this.markLost();
    // The store may need longer to answer than the lease lasts.
    this.#cancel = clock.after(this.#validUntilMs - askedAtMs, this.markLost);
    const renewed = await store.renew(this.lease, leaseMs).catch(reportError);
    if (this.#isStopped) return;
    this.#cancel();
    if (renewed) this.#validUntilMs = askedAtMs + leaseMs;
    if (renewed === false) this.markLost();
    else this.#renewLater();
  }
}

/** The reason of an aborted handler signal when the lease on the event was lost: another process may be handling the event. */
export class LeaseLostError extends Error {
  /** Identifies the class where `instanceof` fails, as between two copies of this package. */
  override readonly name = "LeaseLostError";

  constructor() {
    super(
      "The lease on this event was lost. Another process may be handling it, and the result of this handler is ignored.",
    );
  }
}
