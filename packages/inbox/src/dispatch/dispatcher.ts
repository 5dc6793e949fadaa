import type { InboxConfig } from "../inbox-config.ts";
import { backoffMs } from "../lib/backoff.ts";
import { Pause } from "../lib/pause.ts";
import type { ClaimedEvent, ClaimRequest } from "../ports/claims.ts";
import type { EventState } from "../ports/event-state.ts";
import { releaseClaims } from "../stores/release-claims.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { processEvent } from "./process-event.ts";
import { ShutdownSignal } from "./shutdown-signal.ts";

/** The delays between claims while the store fails. */
const CLAIM_BACKOFF = { baseMs: 200, maxMs: 30_000, growth: 2 };

/** How late a timer may fire, in milliseconds. */
const TIMER_SLACK_MS = 1_000;

/** An event that this process is handling. */
interface Run {
  readonly end: Promise<EventState | undefined>;
  /** When it was claimed, by this process's clock. */
  readonly claimedAtMs: number;
}

/** Claims due events and runs at most `concurrency` handlers at a time. */
export class Dispatcher {
  readonly #config: InboxConfig;
  readonly #running = new Map<string, Run>();
  readonly #claiming = new Set<Promise<unknown>>();
  readonly #orderLock: KeyedLock;
  /** Waits until an event may be due. */
  readonly #due: Pause;
  /** Waits until a handler has ended. */
  readonly #freed: Pause;
  readonly #shutdown = new ShutdownSignal();
  #loop: Promise<void> | undefined;
  #isClosing = false;
  #hasAbandoned = false;
  #askForAbandonedAtMs = 0;

  constructor(config: InboxConfig) {
    this.#config = config;
    this.#orderLock = new KeyedLock(config.clock, config.handlerTimeoutMs + TIMER_SLACK_MS);
    this.#due = new Pause(config.clock);
    this.#freed = new Pause(config.clock);
  }

  get isStarted(): boolean {
    return this.#loop !== undefined;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Claims due events from now on. With a queue it does nothing: the messages of the queue say what to claim. */
  start(): void {
    if (this.#isClosing) return;
    if (this.#config.queue === undefined && this.#config.handlers !== undefined) this.#loop ??= this.#dispatch();
  }

  /** Call this when an event may have become due. */
  wake(): void {
    this.#due.end();
  }

  /** Handles one event if it is due, and resolves with its new state. */
  async dispatchOne(key: string): Promise<readonly (EventState | undefined)[]> {
    return Promise.all(await this.#claim(1, "any", key));
  }

  /** Handles at most `limit` due events. */
  async sweep(limit: number): Promise<readonly (EventState | undefined)[]> {
    const states: (EventState | undefined)[] = [];
    // In an inbox that was not started, as in Workers, running handlers may belong to a cancelled request and never end.
    const free = () => (this.isStarted ? this.#free() : this.#config.concurrency);
    for (const which of ["waiting", "abandoned"] as const) {
      const most = which === "waiting" ? this.#config.concurrency : 1;
      while (states.length < limit) {
        const runs = await this.#claim(Math.min(limit - states.length, most, free()), which);
        if (runs.length === 0) break;
        states.push(...(await Promise.all(runs)));
      }
    }
    return states;
  }

  /** Claims nothing more, waits for the running handlers, and gives back the events whose handlers do not end in time. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const cancel = this.#config.clock.after(graceMs, this.#shutdown.fire);
    this.#due.end();
    this.#freed.end();
    await this.#loop;
    while (this.#claiming.size + this.#running.size > 0)
      await Promise.all([...this.#claiming, ...[...this.#running.values()].map(({ end }) => end)]);
    cancel();
  }

  async #dispatch(): Promise<void> {
    let failures = 0;
    while (!this.#isClosing) {
      try {
        await this.#claimAbandoned();
        const free = this.#free();
        const runs = await this.#claim(free, "waiting");
        failures = 0;
        // After a full claim more events may be due, so the next claim follows as soon as a handler has ended.
        if (runs.length < free) await this.#due.begin(this.#config.pollMs);
        else if (this.#free() <= 0) await this.#freed.begin(this.#config.pollMs);
      } catch (error) {
        this.#config.reportError(error);
        await this.#due.begin(backoffMs(++failures, CLAIM_BACKOFF, this.#config.clock.random));
      }
    }
  }

  /**
   * Claims abandoned events one at a time: one of them may have crashed its process, and the others must not lose attempts
   * with it.
   */
  async #claimAbandoned(): Promise<void> {
    const { clock, pollMs } = this.#config;
    if (this.#hasAbandoned || this.#free() <= 0 || clock.now() < this.#askForAbandonedAtMs) return;
    const [run] = await this.#claim(1, "abandoned");
    this.#askForAbandonedAtMs = clock.now() + pollMs;
    if (run === undefined) return;
    this.#hasAbandoned = true;
    void run.then(() => {
      this.#hasAbandoned = false;
      this.#askForAbandonedAtMs = 0;
      this.wake();
    });
  }

  /** How many more handlers may start. */
  #free(): number {
    return this.#config.concurrency - this.#running.size;
  }

  /** Claims events and starts their handlers. Claims nothing once the inbox shuts down. */
  async #claim(
    limit: number,
    which: ClaimRequest["which"],
    key: string | null = null,
  ): Promise<readonly Promise<EventState | undefined>[]> {
    if (limit <= 0 || this.#isClosing || this.#config.handlers === undefined) return [];
    const claiming = this.#startClaimed(limit, which, key);
    const settled = claiming.catch(() => {});
    this.#claiming.add(settled);
    try {
      return await claiming;
    } finally {
      this.#claiming.delete(settled);
    }
  }

  async #startClaimed(
    limit: number,
    which: ClaimRequest["which"],
    key: string | null,
  ): Promise<readonly Promise<EventState | undefined>[]> {
    const { store, source, leaseMs, maxAttempts, clock } = this.#config;
    const token = crypto.randomUUID();
    const claimedAtMs = clock.now();
    const exclude = this.#runningKeys(claimedAtMs);
    const events = await store.claim({ source, token, leaseMs, limit, maxAttempts, key, which, exclude });
    if (!this.#isClosing) return events.map((claimed) => this.#run(claimed, token, claimedAtMs));
    await releaseClaims(store, token, events);
    return [];
  }

  #run(claimed: ClaimedEvent, token: string, claimedAtMs: number): Promise<EventState | undefined> {
    const claim = { claimed, token, claimedAtMs, shutdown: this.#shutdown, withOrderLock: this.#orderLock.run };
    const end = processEvent(this.#config, claim).finally(() => {
      if (this.#running.get(claimed.key) === run) this.#running.delete(claimed.key);
      this.#freed.end();
    });
    const run = { end, claimedAtMs };
    this.#running.set(claimed.key, run);
    return end;
  }

  /**
   * The events that this process must not claim again even when their leases have ended. A run that should have ended long ago is
   * left out: Workers cancel a request together with all work in it, without notice. If such a run is alive after all, it renews its lease.
   */
  #runningKeys(nowMs: number): string[] {
    const { handlerTimeoutMs, leaseMs } = this.#config;
    return [...this.#running]
      .filter(([, { claimedAtMs }]) => nowMs < claimedAtMs + handlerTimeoutMs + leaseMs)
      .map(([key]) => key);
  }
}
