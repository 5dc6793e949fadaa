/** An event and a time when it was due. The time may have changed since. */
export interface Due {
  /** The key of the event. */
  readonly key: string;
  /** When it is due. */
  readonly dueAtMs: number;
  /** Orders events that are due at the same time. */
  readonly seq: number;
  /** Tells this time from other times of the same event. */
  readonly ticket: number;
}

/** A binary heap: returns the event that is due first, in logarithmic time. */
export class DueQueue {
  readonly #heap: Due[] = [];

  get first(): Due | undefined {
    return this.#heap[0];
  }

  push(due: Due): void {
    const heap = this.#heap;
    let at = heap.length;
    for (let parent = (at - 1) >> 1; at > 0; parent = (at - 1) >> 1) {
      const above = heap[parent];
      if (above === undefined || !isBefore(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  pop(): Due | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || last === first) return first;
    let at = 0;
    for (let child = this.#smallerChild(at); child !== undefined; child = this.#smallerChild(at)) {
      const below = heap[child];
      if (below === undefined || !isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  #smallerChild(at: number): number | undefined {
    const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]];
    if (left === undefined) return undefined;
    return right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.dueAtMs - other.dueAtMs < 0 || (one.dueAtMs === other.dueAtMs && one.seq < other.seq);
}
