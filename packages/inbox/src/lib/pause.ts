import type { Clock } from "./clock.ts";

/** A wait that can be ended early; an end that comes before the wait has begun is not forgotten. */
export class Pause {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;
  #isEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits, at most so long. */
  async begin(delayMs: number): Promise<void> {
    if (!this.#isEnded) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(delayMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#isEnded = false;
  }

  /** Ends the wait, or the next one. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }
}
