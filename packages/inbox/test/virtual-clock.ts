import type { Clock } from "../src/index.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until `advance` moves it, with random numbers that are the same in every run. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #state = 1;
  /** A binary heap: the earliest first. */
  readonly #timers: Timer[] = [];
  readonly #cancelled = new WeakSet<Timer>();

  readonly now = (): number => this.#nowMs;

  readonly random = (): number => {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  };

  readonly after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#push(timer);
    return () => this.#cancelled.add(timer);
  };

  /** Moves on to a time and fires all timers until then, each after everything that the one before has set off. */
  async advance(untilMs: number): Promise<void> {
    await settled();
    for (let next = this.#timers[0]; next !== undefined && next.atMs <= untilMs; next = this.#timers[0]) {
      this.#pop();
      if (this.#cancelled.has(next)) continue;
      this.#nowMs = next.atMs;
      next.callback();
      await settled();
    }
    this.#nowMs = untilMs;
  }

  #push(timer: Timer): void {
    let at = this.#timers.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#timeAt(parent) <= timer.atMs) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #pop(): void {
    this.#swap(0, this.#timers.length - 1);
    this.#timers.pop();
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = this.#timeAt(right) < this.#timeAt(left) ? right : left;
      if (this.#timeAt(least) >= this.#timeAt(at)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #timeAt(index: number): number {
    return this.#timers[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#timers[one], this.#timers[other]];
    if (a === undefined || b === undefined) return;
    this.#timers[one] = b;
    this.#timers[other] = a;
  }
}

/** Waits until nothing is left to do in this turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
