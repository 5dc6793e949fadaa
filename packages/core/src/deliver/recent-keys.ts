/**
 * Remembers at least the last so many keys, at most twice as many: nothing that a sender can make grow may grow without end. The keys must be short.
 *
 * In two generations, the older of which goes as a whole: to delete keys one by one costs a set more than to look them up.
 */
export class RecentKeys {
  readonly #limit: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  add(key: string): void {
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(key);
  }
}
