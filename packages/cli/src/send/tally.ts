import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

/** The longest time that is told from a longer one: an hour, in microseconds. */
const HIGHEST_US = 3_600_000_000;

/** The answers of one kind. */
export interface TallyRow {
  /** The status, or what came instead of an answer. */
  readonly answer: string;
  readonly isRight: boolean;
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Counts answers and their times. Its memory depends on the kinds of answers, not on their number. */
export class Tally {
  readonly #kinds = new Map<string, { readonly isRight: boolean; readonly times: RecordableHistogram }>();
  /** The deliveries that were counted. */
  count = 0;
  /** Those without the expected answer. */
  wrong = 0;

  add(answer: string, isRight: boolean, durationMs: number): void {
    const kind = this.#kinds.get(answer) ?? {
      isRight,
      times: createHistogram({ lowest: 1, highest: HIGHEST_US, figures: 3 }),
    };
    this.#kinds.set(answer, kind);
    kind.times.record(Math.min(HIGHEST_US, Math.max(1, Math.round(durationMs * 1_000))));
    this.count++;
    if (!isRight) this.wrong++;
  }

  /** The most frequent kind first. */
  rows(): TallyRow[] {
    const rows = [...this.#kinds].map(([answer, { isRight, times }]) => ({
      ...{ answer, isRight, count: times.count },
      p50Ms: times.percentile(50) / 1_000,
      p90Ms: times.percentile(90) / 1_000,
      p99Ms: times.percentile(99) / 1_000,
      maxMs: times.max / 1_000,
    }));
    return rows.sort((a, b) => b.count - a.count);
  }
}
