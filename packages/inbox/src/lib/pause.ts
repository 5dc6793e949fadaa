import type { Clock } from "./clock.ts";
import { waitAtMost } from "./with-timeout.ts";

/** A wait that can be ended early. An `end` that comes before the wait begins ends the next wait. */
export class Pause {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;
  #isEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for `end`, at most `maxMs`. */
  async begin(maxMs: number): Promise<void> {
    if (!this.#isEnded) {
      const ended = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await waitAtMost(this.#clock, maxMs, ended);
    }
    this.#wake = undefined;
    this.#isEnded = false;
  }

  /** Ends the current wait, or the next one. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }
}
