/** A value of a D1 statement. Bytes are an `ArrayBuffer` or a view of one. */
export type D1Value = string | number | boolean | null | ArrayBuffer | ArrayBufferView;

/** The transaction of a handler's `tx` with D1: writes that run together with the event's completion, all of them or none. */
export interface D1Batch {
  /**
   * Adds a write. The writes run in order when the work in `tx` has returned; you cannot read their results before.
   *
   * @param sql - one statement, with `?` for each value
   * @param values - its values
   */
  add(sql: string, ...values: readonly D1Value[]): void;
}

/** A write of a batch. */
export interface Write {
  readonly text: string;
  readonly values: readonly D1Value[];
}

/** Collects the writes of one handler until they are sent. */
export class Writes implements D1Batch {
  readonly #writes: Write[] = [];
  #isSent = false;

  /** An arrow function, so that a handler can destructure it. */
  readonly add = (text: string, ...values: readonly D1Value[]): void => {
    // A write that is added after the batch was sent would be lost silently.
    if (this.#isSent) throw new Error("The work in `tx` has ended. Await everything in it that adds to the batch.");
    this.#writes.push({ text, values });
  };

  /** Returns the writes. No more can be added. */
  send(): readonly Write[] {
    this.#isSent = true;
    return this.#writes;
  }
}
