/** How many inboxes have opened a store and not closed it yet. */
const counts = new WeakMap<object, number>();

/** The stores that are being closed. */
const closings = new WeakMap<object, Promise<unknown>>();

/** One inbox's use of a store. Several may use one: the store is closed when the last of them closes. */
export class StoreUser {
  readonly #store: { close(): Promise<void> };
  #isCounted = false;

  constructor(store: { close(): Promise<void> }) {
    this.#store = store;
  }

  /** Counts this inbox, once. Resolves when the store may be opened: one that is being closed would be closed under the new inbox. */
  async begin(): Promise<void> {
    if (!this.#isCounted) this.#change(1);
    this.#isCounted = true;
    await closings.get(this.#store);
  }

  /** Closes the store unless another inbox uses it. */
  async end(): Promise<void> {
    if (this.#isCounted) this.#change(-1);
    this.#isCounted = false;
    if ((counts.get(this.#store) ?? 0) > 0) return;
    const closing = this.#store.close();
    closings.set(
      this.#store,
      closing.catch(() => {}),
    );
    await closing;
  }

  #change(by: number): void {
    counts.set(this.#store, (counts.get(this.#store) ?? 0) + by);
  }
}
