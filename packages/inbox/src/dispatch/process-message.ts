import { WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import type { EventState } from "../ports/event-state.ts";
import { isRefOf } from "../ports/wake-queue.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { isRetryLaterError, RetryLaterError } from "./handler-decisions.ts";

/**
 * How `process` ended. `done` and `dead`: the new state of the event. `skipped`: there was nothing to do.
 */
export type Processed = "done" | "dead" | "skipped";

/** When a message comes back whose event is due but cannot be claimed by this process, or whose inbox is shutting down. */
const NOT_NOW_MS = 1_000;

const NO_HANDLERS =
  'inbox.process: this inbox has `on: "elsewhere"` and cannot handle events. Pass your handlers as `on` to the inbox of the worker.';

/** Handles the events that a queue's messages refer to. */
export class MessageProcessor {
  readonly #config: InboxConfig;
  readonly #dispatcher: Dispatcher;
  #isAloneUntilMs = Number.NEGATIVE_INFINITY;

  constructor(config: InboxConfig, dispatcher: Dispatcher) {
    this.#config = config;
    this.#dispatcher = dispatcher;
  }

  async process(ref: unknown): Promise<Processed> {
    const { source, store, handlers, reportError } = this.#config;
    if (handlers === undefined) throw new WebhookError("CONFIG_INVALID", NO_HANDLERS);
    if (!isRefOf(source, ref)) {
      reportError(new WebhookError("PAYLOAD_INVALID", notARef(source)));
      return "skipped";
    }
    if (this.#dispatcher.isClosing) throw new RetryLaterError(NOT_NOW_MS);
    try {
      const state = await this.#handle(ref.key);
      if (state === "done" || state === "dead") return state;
      if (state === undefined && this.#dispatcher.isClosing) throw new RetryLaterError(NOT_NOW_MS);
      const dueInMs = await store.dueInMs(ref.key);
      if (dueInMs === null) return "skipped";
      throw new RetryLaterError(dueInMs > 0 || state === "retry" ? Math.max(dueInMs, 0) : NOT_NOW_MS);
    } catch (error) {
      if (!isRetryLaterError(error)) reportError(error);
      throw error;
    }
  }

  /** Returns the new state of the event, or undefined when it could not be claimed. */
  async #handle(key: string): Promise<EventState | undefined> {
    const stored = await this.#config.store.get(key);
    if (stored?.state === "processing") return this.#handleAlone(key);
    const [state] = stored === undefined || stored.dueAtMs === null ? [] : await this.#dispatcher.dispatchOne(key);
    return state;
  }

  /**
   * Handles one event at a time of those that another process held: one of them may have crashed that process, and all of them come
   * back at the same time. Together they would all lose an attempt if one crashes this process too.
   */
  async #handleAlone(key: string): Promise<EventState | undefined> {
    const { clock, handlerTimeoutMs, leaseMs } = this.#config;
    if (clock.now() < this.#isAloneUntilMs) return undefined;
    // The turn has an end: Workers cancel a request together with all work in it, and `finally` never runs.
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

function notARef(source: string): string {
  return `A message in the queue does not refer to an event of this inbox and was skipped. Expected { source: ${JSON.stringify(source)}, key: 32 hex digits }.`;
}
