import { WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import type { EventState } from "../ports/event-state.ts";
import type { StoredEvent } from "../ports/stored-event.ts";
import { isIn } from "./places.ts";

/** How often the store is asked: four times in `alarmAfterMs`, within these limits. */
const INTERVAL = { minMs: 1_000, maxMs: 60_000, part: 1 / 4 } as const;

/** How many intervals the time between two looks counts for at most: nothing was handled while the machine was frozen. */
const MOST_INTERVALS = 2;

/** How many of the longest due events are read to find one that no process has claimed, and how long they must have been due. */
const LONGEST = { limit: 20, lateMs: 1_000 } as const;

/** What was seen of the events of one name. */
interface Seen {
  /** Changes whenever an event of the name is claimed, settled, or erased. */
  readonly progress: string;
  /** How many of them wait: for their first attempt, and for any. */
  readonly received: number;
  readonly waiting: number;
  /** For how long the progress is the same, by this process's clock. */
  readonly stillForMs: number;
  readonly isTold: boolean;
}

/**
 * Tells the operator of event names whose due events no process handles: paused ones, those that `unhandled: "leave"` leaves, and all of them where no
 * worker runs, or only workers of another source.
 *
 * Events that wait behind others are no reason: a name is told when none of its events was claimed or settled for `alarmAfterMs`, and the longest due event
 * of all was one of them for as long, or nothing else moves. Each name is told once, until it moves again.
 */
export class StallAlarm {
  readonly #config: InboxConfig;
  readonly #intervalMs: number;
  #seen: ReadonlyMap<string, Seen> = new Map();
  /** The longest due event, and for how long it was one of its name. */
  #longest: { readonly stored: StoredEvent; readonly forMs: number } | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isStopped = false;
  #cancel = () => {};

  constructor(config: InboxConfig) {
    this.#config = config;
    const { minMs, maxMs, part } = INTERVAL;
    this.#intervalMs = Math.min(Math.max(config.alarmAfterMs * part, minMs), maxMs);
  }

  /** Looks at the store from now on, until `stop`. */
  start(): void {
    this.#cancel();
    this.#cancel = this.#config.clock.after(this.#intervalMs, () => {
      void this.look().then(() => {
        if (!this.#isStopped) this.start();
      });
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** Looks at the store, unless it did so a moment ago. Never rejects. */
  async look(): Promise<void> {
    const { store, source, clock, alarmAfterMs } = this.#config;
    const passedMs = clock.now() - this.#lookedAtMs;
    // A timer may fire a little early.
    if (this.#isStopped || passedMs < this.#intervalMs / 2) return;
    this.#lookedAtMs = clock.now();
    try {
      const { names, paused, oldestDueMs } = await store.stats(source);
      const countedMs = Math.min(passedMs, MOST_INTERVALS * this.#intervalMs);
      this.#seen = seenNow(names, this.#seen, countedMs);
      const stored = oldestDueMs < LONGEST.lateMs ? undefined : await this.#longestDue();
      const forMs = stored?.name === this.#longest?.stored.name ? (this.#longest?.forMs ?? 0) + countedMs : 0;
      this.#longest = stored && { stored, forMs };
      if (oldestDueMs >= alarmAfterMs) this.#tell(new Set(paused));
    } catch {
      // Whoever uses the store tells that it is out of reach. Nothing could be handled meanwhile.
      this.#seen = new Map();
      this.#longest = undefined;
    }
  }

  #tell(paused: ReadonlySet<string>): void {
    const { queue, claimed, alarmAfterMs, reportError } = this.#config;
    const hasLasted = (ms: number) => ms >= alarmAfterMs;
    const doesAnyMove = [...this.#seen.values()].some(({ stillForMs }) => !hasLasted(stillForMs));
    for (const [name, seen] of this.#seen) {
      if (seen.waiting === 0 || seen.isTold || !hasLasted(seen.stillForMs)) continue;
      const longest = this.#longest?.stored.name === name ? this.#longest : undefined;
      const isFirst = longest !== undefined && hasLasted(longest.forMs);
      // Events wait behind others of the names that are claimed together. A queue has an order of its own.
      const mayWait = doesAnyMove && isIn(claimed, name) && (!isFirst || queue !== undefined);
      // Retries alone may not be due.
      const isDue = isFirst || seen.received > 0;
      if (!paused.has(name) && (mayWait || !isDue)) continue;
      this.#seen = new Map([...this.#seen, [name, { ...seen, isTold: true }]]);
      const eventId = longest?.stored.eventId ?? null;
      reportError(new WebhookError("CONFIG_INVALID", this.#sentence(name, seen, paused.has(name))), {
        eventName: name,
        ...(eventId !== null && { eventId }),
      });
    }
  }

  /**
   * The longest due event that no process has claimed: an abandoned one may be waiting after its crash. Of several that are due since the same time, as those
   * are that were stored together, one of a name that moves.
   */
  async #longestDue(): Promise<StoredEvent | undefined> {
    const { store, source, alarmAfterMs } = this.#config;
    let longest: StoredEvent | undefined;
    for (const { key, dueAtMs } of await store.overdue({ source, after: null, ...LONGEST })) {
      if (longest !== undefined && dueAtMs > (longest.dueAtMs ?? 0)) break;
      const stored = await store.get(key);
      if (stored?.state !== "received" && stored?.state !== "retry") continue;
      longest ??= stored;
      if ((this.#seen.get(stored.name)?.stillForMs ?? 0) < alarmAfterMs) return stored;
    }
    return longest;
  }

  #sentence(name: string, { waiting, stillForMs }: Seen, isPaused: boolean): string {
    const { source, handlers, queue, claimed } = this.#config;
    const seconds = Math.round(stillForMs / 1_000);
    const what = `${waiting} due event${waiting === 1 ? "" : "s"} of ${JSON.stringify(name)} (source ${JSON.stringify(source)}): none was handled for ${seconds} s.`;
    if (isPaused) return `${what} The name is paused: call \`inbox.resume\` when they may be handled.`;
    if (!isIn(claimed, name))
      return `${what} This inbox leaves them to another release (\`unhandled: "leave"\`), and none handles them: add a handler, or handle them with \`unhandled: "done"\`.`;
    if (queue !== undefined)
      return `${what} No worker of the queue handles them: start one that calls \`inbox.process\`, and look at the queue's own failures.`;
    if (handlers === undefined)
      return `${what} No process handles them: start an inbox with handlers on this store, with the same \`source\`.`;
    return `${what} No process claims them, nor does this one: look for failures of the store in the lines before, and restart the process when there are none.`;
  }
}

type Counts = Readonly<Partial<Record<EventState, number>>>;

/** @param passedMs - how long ago the look before was */
function seenNow(
  names: Readonly<Record<string, Counts>>,
  before: ReadonlyMap<string, Seen>,
  passedMs: number,
): ReadonlyMap<string, Seen> {
  return new Map(
    Object.entries(names).map(([name, { received = 0, retry = 0, processing = 0, done = 0, dead = 0 }]) => {
      const progress = [retry, processing, done, dead].join();
      const known = before.get(name);
      const isStill = known?.progress === progress;
      const stillForMs = isStill ? known.stillForMs + passedMs : 0;
      return [name, { progress, stillForMs, isTold: isStill && known.isTold, received, waiting: received + retry }];
    }),
  );
}
