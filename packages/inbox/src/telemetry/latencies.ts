/** How long handlers took, in milliseconds. Percentiles are exact to about 10 %. */
export interface HandlerLatency {
  /** The number of runs since the inbox was created. */
  readonly count: number;
  /** Half of the runs took no longer. */
  readonly p50Ms: number;
  /** 99 of 100 runs took no longer. */
  readonly p99Ms: number;
  /** The longest run. */
  readonly maxMs: number;
}

/** Each bucket is wider than the one before by this factor. */
const GROWTH = 1.1;

/** Counts durations in buckets that grow exponentially, so that memory stays bounded. */
export class Latencies {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #maxMs = 0;

  add(durationMs: number): void {
    const bucket = Math.ceil(Math.log(Math.max(durationMs, 0.01)) / Math.log(GROWTH));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#maxMs = Math.max(this.#maxMs, durationMs);
  }

  summary(): HandlerLatency {
    return { count: this.#count, p50Ms: this.#at(0.5), p99Ms: this.#at(0.99), maxMs: this.#maxMs };
  }

  #at(share: number): number {
    let seen = 0;
    for (const [bucket, count] of [...this.#buckets].sort(([one], [other]) => one - other)) {
      seen += count;
      if (seen >= share * this.#count) return Math.min(GROWTH ** bucket, this.#maxMs);
    }
    return 0;
  }
}
