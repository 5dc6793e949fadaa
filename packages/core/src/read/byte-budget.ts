import { Refusal } from "../errors/refusal.ts";

/** Ends a reading with a refusal. The reading drops its bytes then. */
export type EndReading = (refusal: Refusal) => void;

/**
 * Limits the memory of all bodies that are being read, because a receiver holds the start of a body before it can verify the sender.
 *
 * Over the limit, the reading that has held the most bytes for the longest time is refused, but never the one that has just received bytes.
 * Therefore senders that stall cannot keep out those that do not.
 */
export class ByteBudget {
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #readings = new Map<EndReading, { bytes: number; readonly sinceMs: number }>();
  #total = 0;

  /** @param maxBytes - the limit; at least what one reading may hold */
  constructor(maxBytes: number, now: () => number) {
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /** Registers how many bytes a reading holds now. Refuses other readings until all of them together are within the limit. */
  hold(end: EndReading, bytes: number): void {
    const nowMs = this.#now();
    const reading = this.#readings.get(end);
    this.#total += bytes - (reading?.bytes ?? 0);
    if (reading) reading.bytes = bytes;
    else this.#readings.set(end, { bytes, sinceMs: nowMs });
    while (this.#total > this.#maxBytes && this.#readings.size > 1) this.#refuseHeaviest(end, nowMs);
  }

  /** Forgets a reading that has ended. */
  release(end: EndReading): void {
    this.#total -= this.#readings.get(end)?.bytes ?? 0;
    this.#readings.delete(end);
  }

  #refuseHeaviest(spared: EndReading, nowMs: number): void {
    let heaviest = spared;
    let most = Number.NEGATIVE_INFINITY;
    for (const [end, { bytes, sinceMs }] of this.#readings) {
      // Among readings that began in this millisecond, the largest is the heaviest.
      const weight = bytes * (nowMs - sinceMs + 1);
      if (end !== spared && weight > most) [heaviest, most] = [end, weight];
    }
    this.release(heaviest);
    heaviest(new Refusal("OVERLOADED", "The unfinished bodies hold too much memory (`maxBufferedBytes`)."));
  }
}
