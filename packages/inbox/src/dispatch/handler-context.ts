import { assumeVerified, type VerifiedBody } from "@popp-webhooks/core";
import type { AnyTx, InboxConfig } from "../inbox-config.ts";
import type { InboxHandlerContext } from "../inbox-options.ts";
import type { ClaimedEvent } from "../ports/claims.ts";
import { type LeaseKeeper, LeaseLostError } from "./lease.ts";

/** The context of one handler run, with its abort signal and its transactions. */
export class HandlerRun implements InboxHandlerContext<AnyTx> {
  readonly body: VerifiedBody;
  readonly attempt: number;
  readonly fence: number;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  readonly #store: InboxConfig["store"];
  readonly #keeper: LeaseKeeper;
  readonly #abort = new AbortController();
  readonly #transactions: Promise<unknown>[] = [];
  #isCommitted = false;

  constructor(store: InboxConfig["store"], keeper: LeaseKeeper, claimed: ClaimedEvent, idempotencyKey: string) {
    // The inbox stores only bodies that the receiver verified.
    this.body = assumeVerified(claimed.body);
    this.attempt = claimed.attempts;
    this.fence = claimed.fence;
    this.idempotencyKey = idempotencyKey;
    this.signal = this.#abort.signal;
    this.#store = store;
    this.#keeper = keeper;
  }

  /** Whether a `tx` of this handler has completed the event. */
  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  /** An arrow function, so that a handler can destructure it. */
  readonly tx = <T>(work: (tx: AnyTx) => T | Promise<T>): Promise<T> => {
    const committing = this.#commit(work);
    // If the handler fails before it awaits this promise, the rejection must not end the process.
    committing.catch(() => {});
    this.#transactions.push(committing);
    return committing;
  };

  /** Waits for transactions that the handler did not await: their failure must not go unseen. */
  async committed(): Promise<void> {
    await Promise.all(this.#transactions);
  }

  async #commit<T>(work: (tx: AnyTx) => T | Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    if (this.#isCommitted) throw new Error("An earlier `tx` of this handler has already completed the event.");
    const result = await this.#store.transact(this.#keeper.lease, work);
    if (result === undefined) {
      this.#keeper.markLost();
      throw new LeaseLostError();
    }
    this.#isCommitted = true;
    return result.value;
  }

  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }
}
