import type { Row } from "./row.ts";

/** The event of each order key that was claimed last. It holds the key as long as it is in processing and its lease runs. */
export class OrderHolders {
  readonly #holders = new Map<string, Row>();

  /** Whether no other event holds the row's order key. */
  isFree({ key, orderKey }: Row, now: number): boolean {
    const holder = orderKey === null ? undefined : this.#holders.get(orderKey);
    if (holder === undefined || holder.key === key) return true;
    return holder.state !== "processing" || (holder.dueAtMs ?? 0) <= now;
  }

  hold(row: Row): void {
    if (row.orderKey !== null) this.#holders.set(row.orderKey, row);
  }

  release({ orderKey }: Row): void {
    if (orderKey !== null) this.#holders.delete(orderKey);
  }
}
