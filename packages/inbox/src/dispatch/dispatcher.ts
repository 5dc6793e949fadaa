import type { Plan } from "../inbox-config.ts";
import { backoffMs } from "../lib/backoff.ts";
import { Pause } from "../lib/pause.ts";
import type { ClaimedEvent, ClaimRequest, EventState } from "../ports/store.ts";
import { Housekeeping } from "../records/retention.ts";
import { giveBack } from "../stores/release-claims.ts";
import { InTurn } from "./keyed-lock.ts";
import { processEvent } from "./process-event.ts";
import { Release } from "./shutdown-signal.ts";

/** Between claims while the store is out of reach. */
const CLAIM_BACKOFF = { baseMs: 200, maxMs: 30_000 };

/** How much later than asked for a timer may fire, in milliseconds. */
const TIMER_SLACK_MS = 1_000;

/** An event in hand. */
interface Run {
  readonly end: Promise<EventState | undefined>;
  /** When it was claimed, by this process's clock. */
  readonly claimedAtMs: number;
}

/** What one process takes on of a store: no more events at a time than it has handlers for, whatever waits there. */
export class Dispatcher {
  readonly #plan: Plan;
  readonly #running = new Map<string, Run>();
  readonly #claiming = new Set<Promise<unknown>>();
  readonly #inTurn: InTurn;
  /** Until something may be due. */
  readonly #pause: Pause;
  /** Until a handler is free. */
  readonly #freed: Pause;
  readonly #housekeeping: Housekeeping;
  readonly #release = new Release();
  #loop: Promise<void> | undefined;
  #isClosing = false;
  #hasAbandoned = false;
  #askForAbandonedAtMs = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#inTurn = new InTurn(plan.clock, plan.handlerTimeoutMs + TIMER_SLACK_MS);
    this.#pause = new Pause(plan.clock);
    this.#freed = new Pause(plan.clock);
    this.#housekeeping = new Housekeeping(plan);
  }

  get isStarted(): boolean {
    return this.#loop !== undefined;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Claims what is due from now on, unless a queue wakes for it, and forgets what is old. */
  start(): void {
    if (this.#isClosing) return;
    if (this.#plan.queue === undefined && this.#plan.handlers !== undefined) this.#loop ??= this.#dispatch();
    this.#housekeeping.start();
  }

  /** Something may be due. */
  wake(): void {
    this.#pause.end();
  }

  /** Handles one event, if it is due, and says where it stands then. */
  async dispatchOne(key: string): Promise<readonly (EventState | undefined)[]> {
    return Promise.all(await this.#claim(1, "any", key));
  }

  /** Handles what is due, and then forgets what is old. */
  async sweep(limit: number): Promise<readonly (EventState | undefined)[]> {
    const states: (EventState | undefined)[] = [];
    // Where nothing was started, as in Workers, what is in hand may be what a cancelled request took with it.
    const free = () => (this.isStarted ? this.#free() : this.#plan.concurrency);
    for (const which of ["waiting", "abandoned"] as const) {
      const most = which === "waiting" ? this.#plan.concurrency : 1;
      while (states.length < limit) {
        const runs = await this.#claim(Math.min(limit - states.length, most, free()), which);
        if (runs.length === 0) break;
        states.push(...(await Promise.all(runs)));
      }
    }
    await this.#housekeeping.tidy();
    return states;
  }

  /** Takes nothing more on, waits for what is in hand, and gives back what does not finish in time. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#housekeeping.stop();
    const cancel = this.#plan.clock.after(graceMs, this.#release.come);
    this.#pause.end();
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
        await this.#takeAbandoned();
        const free = this.#free();
        const runs = await this.#claim(free, "waiting");
        failures = 0;
        // A full claim means that more may be due; it is asked for as soon as a handler is free.
        if (runs.length < free) await this.#pause.begin(this.#plan.pollMs);
        else if (this.#free() <= 0) await this.#freed.begin(this.#plan.pollMs);
      } catch (error) {
        this.#plan.fail(error);
        await this.#pause.begin(backoffMs(++failures, CLAIM_BACKOFF, this.#plan.clock.random));
      }
    }
  }

  /** One at a time: it may be what killed the process that had it, and with that process went whatever else it had in hand. */
  async #takeAbandoned(): Promise<void> {
    const { clock, pollMs } = this.#plan;
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

  /** How many handlers may be begun. */
  #free(): number {
    return this.#plan.concurrency - this.#running.size;
  }

  /** Claims, and begins to handle what was claimed; nothing once the inbox shuts down. */
  async #claim(
    limit: number,
    which: ClaimRequest["which"],
    key: string | null = null,
  ): Promise<readonly Promise<EventState | undefined>[]> {
    if (limit <= 0 || this.#isClosing || this.#plan.handlers === undefined) return [];
    const claiming = this.#claimed(limit, which, key);
    const settled = claiming.catch(() => {});
    this.#claiming.add(settled);
    try {
      return await claiming;
    } finally {
      this.#claiming.delete(settled);
    }
  }

  async #claimed(
    limit: number,
    which: ClaimRequest["which"],
    key: string | null,
  ): Promise<readonly Promise<EventState | undefined>[]> {
    const { store, source, leaseMs, maxAttempts, clock } = this.#plan;
    const token = crypto.randomUUID();
    const claimedAtMs = clock.now();
    const exclude = this.#inHand(claimedAtMs);
    const events = await store.claim({ source, token, leaseMs, limit, maxAttempts, key, which, exclude });
    if (!this.#isClosing) return events.map((claimed) => this.#run(claimed, token, claimedAtMs));
    await giveBack(store, token, events);
    return [];
  }

  #run(claimed: ClaimedEvent, token: string, claimedAtMs: number): Promise<EventState | undefined> {
    const claim = { claimed, token, claimedAtMs, release: this.#release, inTurn: this.#inTurn.run };
    const end = processEvent(this.#plan, claim).finally(() => {
      if (this.#running.get(claimed.key) === run) this.#running.delete(claimed.key);
      this.#freed.end();
    });
    const run = { end, claimedAtMs };
    this.#running.set(claimed.key, run);
    return end;
  }

  /**
   * The keys not to be claimed, whatever their leases say. One that should have ended long ago is not among them: Workers
   * cancel a request with all that runs in it, and nobody is told. If it lives after all, it renews its lease.
   */
  #inHand(nowMs: number): string[] {
    const { handlerTimeoutMs, leaseMs } = this.#plan;
    return [...this.#running]
      .filter(([, { claimedAtMs }]) => nowMs < claimedAtMs + handlerTimeoutMs + leaseMs)
      .map(([key]) => key);
  }
}
