import { WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import type { EventState } from "../ports/event-state.ts";
import type { StoredEvent } from "../ports/stored-event.ts";
import { isRefOf } from "../ports/wake-queue.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { isRetryLaterError, RetryLaterError } from "./handler-decisions.ts";

/**
 * How `process` ended. `done` and `dead`: the new state of the event. `skipped`: there was nothing to do.
 */
export type Processed = "done" | "dead" | "skipped";

/**
 * When a message comes back whose event is due but cannot be claimed by this process: its name is paused, full or left to another release, another
 * event of its order is being handled, or the inbox is shutting down. It waits for a part of the time that it has been due, between these two.
 */
const NOT_NOW = { minMs: 1_000, maxMs: 30_000, part: 1 / 4 } as const;

const NO_HANDLERS =
  'inbox.process: this inbox has `on: "elsewhere"` and cannot handle events. Pass your handlers as `on` to the inbox of the worker.';

/** Handles the events that a queue's messages refer to. */
export class MessageProcessor {
  readonly #config: InboxConfig;
  readonly #dispatcher: Dispatcher;

  constructor(config: InboxConfig, dispatcher: Dispatcher) {
    this.#config = config;
    this.#dispatcher = dispatcher;
  }

  async process(ref: unknown): Promise<Processed> {
    const { source, handlers, reportError } = this.#config;
    if (handlers === undefined) throw new WebhookError("CONFIG_INVALID", NO_HANDLERS);
    if (!isRefOf(source, ref)) {
      reportError(new WebhookError("PAYLOAD_INVALID", notARef(source)));
      return "skipped";
    }
    if (this.#dispatcher.isClosing) throw new RetryLaterError(NOT_NOW.minMs);
    try {
      return await this.#process(ref.key);
    } catch (error) {
      if (!isRetryLaterError(error)) reportError(error);
      throw error;
    }
  }

  async #process(key: string): Promise<Processed> {
    const { store } = this.#config;
    const stored = await store.get(key);
    if (stored === undefined || stored.dueAtMs === null) return "skipped";
    const state = await this.#handle(stored);
    if (state === "done" || state === "dead") return state;
    if (state === undefined && this.#dispatcher.isClosing) throw new RetryLaterError(NOT_NOW.minMs);
    const dueInMs = await store.dueInMs(key);
    if (dueInMs === null) return "skipped";
    throw new RetryLaterError(state === "retry" ? Math.max(dueInMs, 0) : this.#comesBackInMs(stored, dueInMs));
  }

  /** Returns the new state of the event, or undefined when it could not be claimed. */
  async #handle({ key, state }: StoredEvent): Promise<EventState | undefined> {
    const [newState] =
      state === "processing" ? await this.#dispatcher.dispatchAbandoned(key) : await this.#dispatcher.dispatchOne(key);
    return newState;
  }

  /**
   * When to ask again for an event that could not be claimed. An abandoned one waits after the end of its lease, and then for its turn, which comes
   * soon: there are only as many as the processes that died had in hand.
   */
  #comesBackInMs({ state, crashes }: StoredEvent, dueInMs: number): number {
    const { crashWaitsMs } = this.#config;
    if (state === "processing") {
      const leftMs = dueInMs + (crashWaitsMs[crashes] ?? crashWaitsMs.at(-1) ?? 0);
      return leftMs > 0 ? leftMs : NOT_NOW.minMs;
    }
    return dueInMs > 0 ? dueInMs : Math.min(Math.max(NOT_NOW.minMs, -dueInMs * NOT_NOW.part), NOT_NOW.maxMs);
  }
}

function notARef(source: string): string {
  return `A message in the queue does not refer to an event of this inbox and was skipped. Expected { source: ${JSON.stringify(source)}, key: 32 hex digits }.`;
}
