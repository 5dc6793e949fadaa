import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { Plan } from "../inbox-config.ts";
import type { WakeQueue } from "../ports/wake-queue.ts";

/** How long a queue may take for one reference: clients of a queue that is gone wait for ever by default. */
const DEADLINE_MS = 5_000;

/** How many references may be on their way to a queue that does not answer; a sweep wakes for those beyond it. */
const MAX_ON_THEIR_WAY = 5_000;

/** After so long nobody waits for an answer: Workers cancel a request with all that runs in it, and its promises never settle. */
const GIVEN_UP_MS = 3_600_000;

/** How many references a sweep puts into the queue at once. */
const AT_ONCE = 16;

/** Puts references into a queue as best it can. What gets lost on the way, a sweep wakes for again. */
export class Waker {
  readonly #plan: Plan;
  readonly #queue: WakeQueue;
  readonly #waiting = new Set<Promise<void>>();
  /** When each reference was sent that has not arrived, the oldest first. */
  readonly #onTheirWay = new Set<{ readonly sentAtMs: number }>();

  constructor(plan: Plan, queue: WakeQueue) {
    this.#plan = plan;
    this.#queue = queue;
  }

  /** Wakes for an event that was just accepted. Never rejects, and no answer waits for it. */
  wake(key: string): Promise<void> {
    const waiting = this.#wakeIfRoom(key)
      .catch(this.#plan.fail)
      .finally(() => this.#waiting.delete(waiting));
    this.#waiting.add(waiting);
    return waiting;
  }

  /**
   * Wakes for each of several events.
   *
   * @throws WebhookError `STORE_UNAVAILABLE` when the queue fails; those after it are not tried
   */
  async wakeEach(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += AT_ONCE)
      await Promise.all(keys.slice(at, at + AT_ONCE).map((key) => this.#enqueue(key)));
  }

  /** Resolves when nothing is waited for any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  async #wakeIfRoom(key: string): Promise<void> {
    const givenUpAtMs = this.#plan.clock.now() - GIVEN_UP_MS;
    for (const sent of this.#onTheirWay) {
      if (sent.sentAtMs > givenUpAtMs) break;
      this.#onTheirWay.delete(sent);
    }
    if (this.#onTheirWay.size < MAX_ON_THEIR_WAY) return this.#enqueue(key);
    throw new WebhookError(
      "OVERLOADED",
      `The queue has not answered for ${MAX_ON_THEIR_WAY} references: a sweep wakes for this event.`,
    );
  }

  #enqueue(key: string): Promise<void> {
    const { clock, source } = this.#plan;
    return new Promise((resolve, reject) => {
      const late = `The queue did not take a reference within ${DEADLINE_MS} ms: the event is on record, and a sweep wakes for it.`;
      const cancel = clock.after(DEADLINE_MS, () => reject(new WebhookError("STORE_UNAVAILABLE", late)));
      const sent = { sentAtMs: clock.now() };
      this.#onTheirWay.add(sent);
      Promise.resolve()
        .then(() => this.#queue.enqueue({ source, key }))
        .finally(() => {
          cancel();
          this.#onTheirWay.delete(sent);
        })
        .then(resolve, (cause: unknown) => reject(unavailable(cause)));
    });
  }
}

function unavailable(cause: unknown): WebhookError {
  if (isWebhookError(cause)) return cause;
  const message = "The queue did not take a reference: the event is on record, and a sweep wakes for it.";
  return new WebhookError("STORE_UNAVAILABLE", message, { cause });
}
