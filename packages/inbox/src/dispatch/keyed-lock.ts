import type { Clock } from "../lib/clock.ts";
import { waitAtMost } from "../lib/with-timeout.ts";

/** Work that holds the lock of a key or waits for it. */
interface Holder {
  readonly end: Promise<unknown>;
  /** When the work has ended at the latest, if its request is still alive. */
  readonly endsByMs: number;
}

/**
 * Runs work with the same key one after another, and work with different keys at the same time.
 *
 * No wait is unlimited: Workers cancel a request together with all work in it, and the promises of that work never settle.
 */
export class KeyedLock {
  readonly #last = new Map<string, Holder>();
  readonly #clock: Clock;
  readonly #maxWorkMs: number;

  /** @param maxWorkMs - how long one piece of work takes at most */
  constructor(clock: Clock, maxWorkMs: number) {
    this.#clock = clock;
    this.#maxWorkMs = maxWorkMs;
  }

  /** Runs work under the lock of a key; null needs no lock. The work must not reject. An arrow function, so that it can be passed on. */
  readonly run = async <T>(key: string | null, work: () => Promise<T>): Promise<T> => {
    if (key === null) return work();
    const before = this.#last.get(key);
    const end = before === undefined ? work() : this.#ended(before).then(work);
    const mine = { end, endsByMs: Math.max(this.#clock.now(), before?.endsByMs ?? 0) + this.#maxWorkMs };
    this.#last.set(key, mine);
    const result = await end;
    if (this.#last.get(key) === mine) this.#last.delete(key);
    return result;
  };

  #ended({ end, endsByMs }: Holder): Promise<void> {
    return waitAtMost(this.#clock, Math.max(0, endsByMs - this.#clock.now()), end);
  }
}
