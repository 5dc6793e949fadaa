import type { Clock } from "../lib/clock.ts";
import { waitAtMost } from "../lib/with-timeout.ts";

/**
 * Fires when the shutdown grace period ends: the process then gives back the events it still holds.
 *
 * It is not a promise. A promise that never settles keeps a reference to every waiter, and an inbox waits once per event.
 */
export class ShutdownSignal {
  readonly #listeners = new Set<() => void>();
  #hasFired = false;

  get hasFired(): boolean {
    return this.#hasFired;
  }

  /** An arrow function, so that it can be passed as a callback. */
  readonly fire = (): void => {
    this.#hasFired = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  };

  /** Calls the listener when the signal fires, at once if it has fired already. Returns a function that removes the listener. */
  listen(listener: () => void): () => void {
    if (this.#hasFired) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits at most `ms` for the signal. */
  async wait(ms: number, clock: Clock): Promise<void> {
    let removeListener = () => {};
    const fired = new Promise<void>((resolve) => {
      removeListener = this.listen(resolve);
    });
    await waitAtMost(clock, ms, fired);
    removeListener();
  }
}
