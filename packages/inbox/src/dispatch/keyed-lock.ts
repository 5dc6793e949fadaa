import type { Clock } from "../lib/clock.ts";

/** What has its turn, or waits for it. */
interface Turn {
  readonly end: Promise<unknown>;
  /** By when it must be over, if it lives. */
  readonly endsByMs: number;
}

/**
 * Lets what has the same key run one after another, and everything else at once.
 *
 * Nothing waits for what cannot live any more: Workers cancel a request with all that runs in it, and its promises never settle.
 */
export class InTurn {
  readonly #last = new Map<string, Turn>();
  readonly #clock: Clock;
  readonly #maxWorkMs: number;

  /**
   * @param maxWorkMs - how long the work of one turn takes at most
   */
  constructor(clock: Clock, maxWorkMs: number) {
    this.#clock = clock;
    this.#maxWorkMs = maxWorkMs;
  }

  /** An arrow, so that it may be handed on. The work must not reject. */
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

  #ended({ end, endsByMs }: Turn): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(Math.max(0, endsByMs - this.#clock.now()), resolve);
      void end.then(() => {
        cancel();
        resolve();
      });
    });
  }
}
