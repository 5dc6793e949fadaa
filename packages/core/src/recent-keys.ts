/**
 * Remembers the last so many keys, and forgets the oldest first: nothing that a sender can make grow may grow without end.
 *
 * The order is kept in a ring of its own: finding the oldest entry of a set means passing over all that were deleted.
 */
export class RecentKeys {
  readonly #keys = new Set<string>();
  readonly #ring: string[] = [];
  readonly #limit: number;
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    if (this.#keys.has(key)) return;
    const oldest = this.#ring[this.#next];
    if (oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.add(key);
    this.#ring[this.#next] = key;
    this.#next = (this.#next + 1) % this.#limit;
  }
}
