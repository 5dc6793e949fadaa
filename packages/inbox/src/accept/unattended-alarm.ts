import { WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";

/** How often an inbox asks its store for waiting events when its process handles none, in milliseconds. */
const LOOK_MS = 60_000;

/**
 * Tells the operator once when accepted events wait and this process does nothing about them: without `start`, `sweep` or `process`, they
 * would stay in the store, and every delivery would still be answered with 200.
 */
export class UnattendedAlarm {
  readonly #config: InboxConfig;
  #isOff: boolean;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(config: InboxConfig) {
    this.#config = config;
    this.#isOff = config.queue !== undefined || config.handlers === undefined;
  }

  /** Whether this process handles events, or leaves them to others. */
  get isOff(): boolean {
    return this.#isOff;
  }

  /** This process handles events. */
  turnOff(): void {
    this.#isOff = true;
  }

  /** Looks at the store, at most once a minute. Never rejects, and no response waits for it. */
  async look(): Promise<void> {
    const { store, source, alarmAfterMs, clock, reportError } = this.#config;
    if (this.#isOff || clock.now() < this.#lookedAtMs + LOOK_MS) return;
    this.#lookedAtMs = clock.now();
    try {
      const [overdue] = await store.overdue({ source, lateMs: alarmAfterMs, after: null, limit: 1 });
      if (overdue === undefined || this.#isOff) return;
      this.turnOff();
      const minutes = Math.round(overdue.lateMs / 60_000);
      reportError(new WebhookError("CONFIG_INVALID", `Events wait, the oldest for ${minutes} minutes. ${WAYS_OUT}`));
    } catch {
      // The store is out of reach: the next delivery says so.
    }
  }
}

const WAYS_OUT =
  'This process does not handle them: call `inbox.start()` in a process that lives on, call `inbox.sweep()` from a cron job, or pass `on: "elsewhere"` where another process handles them.';
