import type { InboxConfig } from "../inbox-config.ts";
import { backoffMs } from "../lib/backoff.ts";
import { Pause } from "../lib/pause.ts";
import type { ClaimedEvent, ClaimRequest } from "../ports/claims.ts";
import type { EventState } from "../ports/event-state.ts";
import { releaseClaims } from "../stores/release-claims.ts";
import { AbandonedLimit } from "./abandoned-limit.ts";
import { type ClaimPart, Places } from "./places.ts";
import { processEvent } from "./process-event.ts";
import { ShutdownSignal } from "./shutdown-signal.ts";

/** How often the store looks for events that a clock that was set back holds up. */
const CORRECT_EVERY_MS = 5_000;

/** The delays between claims while the store fails. */
const CLAIM_BACKOFF = { baseMs: 200, maxMs: 30_000, growth: 2 };

/** How many accepted events may wait for others. A sweep handles those beyond that. */
const MAX_PASSED_OVER = 100;

/** An event that this process is handling. */
interface Run {
  readonly end: Promise<EventState | undefined>;
  /** When it was claimed, by this process's clock. */
  readonly claimedAtMs: number;
}

/** The new state of each event whose handler was started, once it has ended; undefined when its lease was lost. */
type Ends = readonly Promise<EventState | undefined>[];

/** Which events to claim. */
type Target = Pick<ClaimRequest, "which" | "key">;

/** Claims due events and runs at most `concurrency` handlers at a time. */
export class Dispatcher {
  readonly #config: InboxConfig;
  readonly #running = new Map<string, Run>();
  readonly #claiming = new Set<Promise<unknown>>();
  readonly #places: Places;
  readonly #abandoned: AbandonedLimit;
  /** Waits until an event may be due. */
  readonly #due: Pause;
  /** Waits until a place may be free. */
  readonly #freed: Pause;
  readonly #shutdown = new ShutdownSignal();
  /** Accepted events that could not be claimed at once, the oldest first. */
  readonly #passedOver: string[] = [];
  #loop: Promise<void> | undefined;
  #isClosing = false;
  #askForAbandonedAtMs = 0;
  #correctDueTimesAtMs = 0;

  constructor(config: InboxConfig) {
    this.#config = config;
    this.#places = new Places(config);
    this.#abandoned = new AbandonedLimit(config);
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

  /**
   * Handles an event that was just accepted, in an inbox that was not started. When it cannot be claimed, it may wait for another event of its order or
   * of its name: then it is handled after that one, and a sweep handles it at the latest.
   */
  async dispatchAccepted(key: string): Promise<void> {
    const states = await this.dispatchOne(key);
    if (states.length > 0) {
      const [next] = this.#passedOver.splice(0, 1);
      if (next !== undefined) await this.dispatchAccepted(next);
    } else if (this.#passedOver.length < MAX_PASSED_OVER) this.#passedOver.push(key);
  }

  /** Handles one event if it is due, and resolves with its new state. */
  async dispatchOne(key: string): Promise<readonly (EventState | undefined)[]> {
    return Promise.all(await this.#claim(1, { which: "any", key }));
  }

  /** Handles one abandoned event if that may be now, and resolves with its new state. */
  async dispatchAbandoned(key: string): Promise<readonly (EventState | undefined)[]> {
    return Promise.all(await this.#claimAbandoned(1, key));
  }

  /** Handles at most `limit` due events. */
  async sweep(limit: number): Promise<readonly (EventState | undefined)[]> {
    await this.#correctDueTimes();
    const states: (EventState | undefined)[] = [];
    // In an inbox that was not started, as in Workers, running handlers may belong to a cancelled request and never end.
    const free = () => (this.isStarted ? this.#places.free : this.#config.concurrency);
    const ways = [
      (most: number) => this.#claim(most, { which: "waiting", key: null }),
      (most: number) => this.#claimAbandoned(most),
    ];
    for (const claim of ways) {
      while (states.length < limit) {
        const ends = await claim(Math.min(limit - states.length, free()));
        if (ends.length === 0) break;
        states.push(...(await Promise.all(ends)));
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
        await this.#lookForAbandoned();
        const { free } = this.#places;
        const ends = await this.#claim(free, { which: "waiting", key: null });
        failures = 0;
        // After a full claim more events may be due, so the next claim follows as soon as a handler has ended.
        if (ends.length < free) await this.#due.begin(this.#config.pollMs);
        else if (this.#places.free <= 0) await this.#freed.begin(this.#config.pollMs);
      } catch (error) {
        this.#config.reportError(error);
        await this.#due.begin(backoffMs(++failures, CLAIM_BACKOFF, this.#config.clock.random));
      }
    }
  }

  /** Asks the store for abandoned events once in `pollMs`, and again when the handler of one has ended. */
  async #lookForAbandoned(): Promise<void> {
    const { clock, pollMs } = this.#config;
    if (clock.now() < this.#askForAbandonedAtMs) return;
    await this.#correctDueTimes();
    const ends = await this.#claimAbandoned(this.#places.free);
    this.#askForAbandonedAtMs = clock.now() + pollMs;
    for (const end of ends)
      void end.then(() => {
        this.#askForAbandonedAtMs = 0;
        this.wake();
      });
  }

  /** Has the store look for events that a clock that was set back holds up. */
  async #correctDueTimes(): Promise<void> {
    const { clock, store, source } = this.#config;
    if (clock.now() < this.#correctDueTimesAtMs) return;
    await store.correctDueTimes(source);
    this.#correctDueTimesAtMs = clock.now() + CORRECT_EVERY_MS;
  }

  /** Claims abandoned events one by one: how often an event has crashed, which decides about the next one, is known only then. */
  async #claimAbandoned(limit: number, key: string | null = null): Promise<Ends> {
    const ends: Promise<EventState | undefined>[] = [];
    while (ends.length < limit && this.#abandoned.isFree) {
      const free = this.#abandoned.take();
      const claimed = await this.#claim(1, { which: "abandoned", key }).finally(free);
      if (claimed.length === 0) break;
      ends.push(...claimed);
    }
    return ends;
  }

  /** Claims events and starts their handlers. Claims nothing once the inbox shuts down. */
  async #claim(limit: number, target: Target): Promise<Ends> {
    if (limit <= 0 || this.#isClosing || this.#config.handlers === undefined) return [];
    const claiming = this.#places.claim(limit, (part) => this.#startClaimed(part, target));
    const settled = claiming.catch(() => {});
    this.#claiming.add(settled);
    try {
      return await claiming;
    } finally {
      this.#claiming.delete(settled);
      this.#freed.end();
    }
  }

  async #startClaimed(part: ClaimPart, target: Target): Promise<Ends> {
    if (this.#isClosing) return [];
    const { store, source, leaseMs, maxCrashes, crashWaitsMs, clock } = this.#config;
    const token = crypto.randomUUID();
    const claimedAtMs = clock.now();
    const exclude = this.#runningKeys(claimedAtMs);
    const limits = { leaseMs, maxCrashes, crashWaitsMs };
    const events = await store.claim({ source, token, exclude, ...limits, ...part, ...target });
    if (!this.#isClosing)
      return events.map((claimed) =>
        this.#run(claimed, token, { claimedAtMs, isAbandoned: target.which === "abandoned" }),
      );
    await releaseClaims(store, token, events);
    return [];
  }

  #run(
    claimed: ClaimedEvent,
    token: string,
    { claimedAtMs, isAbandoned }: { readonly claimedAtMs: number; readonly isAbandoned: boolean },
  ): Promise<EventState | undefined> {
    const { key, name, orderKey, crashes, state } = claimed;
    const free = this.#places.takeFor(name);
    const proveHarmless = isAbandoned && state === "processing" ? this.#abandoned.begin(crashes) : () => {};
    const end = processEvent(this.#config, { claimed, token, claimedAtMs, shutdown: this.#shutdown }).finally(() => {
      if (this.#running.get(key) === run) this.#running.delete(key);
      free();
      proveHarmless();
      this.#freed.end();
      // An event of the same order, or of a name that was full, may be claimed from now on.
      if (orderKey !== null || this.#config.caps.has(name)) this.wake();
    });
    const run = { end, claimedAtMs };
    this.#running.set(key, run);
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
