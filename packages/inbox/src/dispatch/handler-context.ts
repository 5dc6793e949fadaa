import type { AnyTx, Plan } from "../inbox-config.ts";
import type { InboxHandlerContext } from "../inbox-options.ts";
import type { ClaimedEvent } from "../ports/store.ts";
import type { HeldLease } from "./lease.ts";

/** One run of a handler: what it is given, and how it is told that its time is up. */
export class EventRun implements InboxHandlerContext<AnyTx> {
  readonly attempt: number;
  readonly fence: number;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  readonly #store: Plan["store"];
  readonly #held: HeldLease;
  readonly #abort = new AbortController();
  readonly #transactions: Promise<unknown>[] = [];
  #isCommitted = false;

  constructor(store: Plan["store"], held: HeldLease, claimed: ClaimedEvent, idempotencyKey: string) {
    this.attempt = claimed.attempts;
    this.fence = claimed.fence;
    this.idempotencyKey = idempotencyKey;
    this.signal = this.#abort.signal;
    this.#store = store;
    this.#held = held;
  }

  /** Whether the handler's own transaction has completed the event. */
  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  /** An arrow, so that a handler may take it off its context. */
  readonly tx = <T>(work: (tx: AnyTx) => T | Promise<T>): Promise<T> => {
    const committing = this.#commit(work);
    // A handler that fails before it comes to wait for it must not end the process.
    committing.catch(() => {});
    this.#transactions.push(committing);
    return committing;
  };

  /** Waits for transactions that the handler began without waiting for them: their writes must not be given up unseen. */
  async committed(): Promise<void> {
    await Promise.all(this.#transactions);
  }

  async #commit<T>(work: (tx: AnyTx) => T | Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    if (this.#isCommitted) throw new Error("This event was completed by an earlier `tx` of the same handler.");
    const result = await this.#store.transact(this.#held.lease, work);
    if (result === undefined) {
      this.#held.lose();
      throw new LeaseLost();
    }
    this.#isCommitted = true;
    return result.value;
  }

  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }
}

/** Why a handler's signal is aborted: its event belongs to somebody else by now. */
export class LeaseLost extends Error {
  /** Tells it apart where `instanceof` cannot. */
  override readonly name = "LeaseLost";

  constructor() {
    super(
      "The lease on this event was lost: another process may be handling it, and what this one did is not counted.",
    );
  }
}
