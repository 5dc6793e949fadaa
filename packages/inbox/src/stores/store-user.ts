/** How many inboxes have opened a store and not closed it yet. */
const counts = new WeakMap<object, number>();

/** One inbox's use of a store. Several may use one: the store is closed when the last of them closes. */
export class StoreUser {
  readonly #store: { close(): Promise<void> };
  #isCounted = false;

  constructor(store: { close(): Promise<void> }) {
    this.#store = store;
  }

  /** Counts this inbox, once. */
  begin(): void {
    if (!this.#isCounted) this.#change(1);
    this.#isCounted = true;
  }

  /** Closes the store unless another inbox uses it. */
  async end(): Promise<void> {
    if (this.#isCounted) this.#change(-1);
    this.#isCounted = false;
    if ((counts.get(this.#store) ?? 0) === 0) await this.#store.close();
  }

  #change(by: number): void {
    counts.set(this.#store, (counts.get(this.#store) ?? 0) + by);
  }
}
