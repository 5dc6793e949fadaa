import type { Clock } from "../lib/clock.ts";

/**
 * The moment when a process gives back what it has in hand; for most it never comes.
 *
 * No promise: one that does not settle keeps whatever has ever waited for it, and an inbox waits once for each event.
 */
export class Release {
  readonly #listeners = new Set<() => void>();
  #hasCome = false;

  /** Whether it has come. */
  get hasCome(): boolean {
    return this.#hasCome;
  }

  /** An arrow, so that it may be handed on. */
  readonly come = (): void => {
    this.#hasCome = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  };

  /** Calls back when it comes, at once if it has; the function it returns calls that off. */
  listen(listener: () => void): () => void {
    if (this.#hasCome) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits for it, but no longer than so many milliseconds. */
  orAfter(delayMs: number, clock: Clock): Promise<void> {
    return new Promise((resolve) => {
      let ignore = () => {};
      const cancel = clock.after(delayMs, () => {
        ignore();
        resolve();
      });
      ignore = this.listen(() => {
        cancel();
        resolve();
      });
    });
  }
}
