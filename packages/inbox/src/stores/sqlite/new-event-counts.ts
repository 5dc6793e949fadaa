import type { Accepted, NewEvent } from "../../ports/stored-event.ts";
import { countNew } from "../sql/accept.ts";
import type { Batch } from "../sql/batch.ts";

interface Count {
  readonly of: Pick<NewEvent, "source" | "name"> & Pick<Accepted, "state">;
  n: number;
}

/** Counts the new events of a transaction, so that each name and state is written once for all of them. */
export class NewEventCounts {
  readonly #counts = new Map<string, Count>();

  add({ source, name }: NewEvent, { state }: Accepted): void {
    const key = JSON.stringify([source, name, state]);
    const count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, { of: { source, name, state }, n: 1 });
    else count.n++;
  }

  /** Forgets the counts of a transaction that was rolled back. */
  clear(): void {
    this.#counts.clear();
  }

  /** Writes the counts, within the transaction. */
  write(run: (batch: Batch<void>) => void): void {
    for (const { of, n } of this.#counts.values()) run(countNew(of, n));
    this.#counts.clear();
  }
}
