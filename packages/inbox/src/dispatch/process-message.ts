import { WebhookError } from "@popp-webhooks/core";
import type { Plan } from "../inbox-config.ts";
import type { EventState } from "../ports/store.ts";
import { isRefOf } from "../ports/wake-queue.ts";
import type { Dispatcher } from "./dispatcher.ts";

/**
 * How `process` ended: `done` and `dead` say where it left the event, `skipped` that there was nothing to do.
 */
export type Processed = "done" | "dead" | "skipped";

/** How long a worker stays away from an event that is due but not to be had in this process, and from an inbox that shuts down. */
const NOT_NOW_MS = 1_000;

/**
 * Says that an event's message is to come back later: another process has the event in hand, or its handler failed and is to be tried again.
 *
 * It is no failure, and must not use up the attempts that a queue allows.
 */
export class RetryLater extends Error {
  /** What {@link isRetryLater} goes by, since two copies of the class may meet. */
  override readonly name = "RetryLater";
  /** When to come back, in milliseconds from now. */
  readonly delayMs: number;

  /** @param delayMs - when to come back, in milliseconds from now */
  constructor(delayMs: number) {
    super(`The event is not to be handled before ${delayMs} ms have passed.`);
    this.delayMs = delayMs;
  }
}

/**
 * Tells whether something caught is a {@link RetryLater}. Compares the name: an ESM and a CommonJS copy of this package may meet in one process.
 *
 * @param error - anything that was caught
 */
export function isRetryLater(error: unknown): error is RetryLater {
  return error instanceof Error && error.name === "RetryLater" && "delayMs" in error;
}

const NO_HANDLERS =
  'inbox.process: this inbox has `on: "elsewhere"`, so it cannot handle; give the inbox of a worker your handlers as `on`.';

/** Handles events that a queue's messages refer to. */
export class RefProcessor {
  readonly #plan: Plan;
  readonly #dispatcher: Dispatcher;
  #isAloneUntilMs = Number.NEGATIVE_INFINITY;

  constructor(plan: Plan, dispatcher: Dispatcher) {
    this.#plan = plan;
    this.#dispatcher = dispatcher;
  }

  async process(ref: unknown): Promise<Processed> {
    const { source, store, handlers, fail } = this.#plan;
    if (handlers === undefined) throw new WebhookError("CONFIG_INVALID", NO_HANDLERS);
    if (!isRefOf(source, ref)) {
      fail(new WebhookError("PAYLOAD_INVALID", notOurs(source)));
      return "skipped";
    }
    if (this.#dispatcher.isClosing) throw new RetryLater(NOT_NOW_MS);
    try {
      const state = await this.#handle(ref.key);
      if (state === "done" || state === "dead") return state;
      if (state === undefined && this.#dispatcher.isClosing) throw new RetryLater(NOT_NOW_MS);
      const dueInMs = await store.dueInMs(ref.key);
      if (dueInMs === null) return "skipped";
      throw new RetryLater(dueInMs > 0 || state === "retry" ? Math.max(dueInMs, 0) : NOT_NOW_MS);
    } catch (error) {
      if (!isRetryLater(error)) fail(error);
      throw error;
    }
  }

  /** Says where the event stands now; undefined when it was not to be had. */
  async #handle(key: string): Promise<EventState | undefined> {
    const stored = await this.#plan.store.get(key);
    if (stored?.state === "processing") return this.#handleAlone(key);
    const [state] = stored === undefined || stored.dueAtMs === null ? [] : await this.#dispatcher.dispatchOne(key);
    return state;
  }

  /**
   * Whoever had this event in hand may have died of it, and what else they had in hand comes back at the same time: one of
   * these at a time, or they would all lose their attempts to the company of one.
   */
  async #handleAlone(key: string): Promise<EventState | undefined> {
    const { clock, handlerTimeoutMs, leaseMs } = this.#plan;
    if (clock.now() < this.#isAloneUntilMs) return undefined;
    // Not for ever: Workers cancel a request with all that runs in it.
    const untilMs = clock.now() + handlerTimeoutMs + leaseMs;
    this.#isAloneUntilMs = untilMs;
    try {
      const [state] = await this.#dispatcher.dispatchOne(key);
      return state;
    } finally {
      if (this.#isAloneUntilMs === untilMs) this.#isAloneUntilMs = Number.NEGATIVE_INFINITY;
    }
  }
}

function notOurs(source: string): string {
  return `A message in the queue is no reference to an event of this inbox, and was skipped: expected { source: ${JSON.stringify(source)}, key: 32 hex digits }.`;
}
