/** What D1 takes as a value; bytes as an `ArrayBuffer` or a view of one. */
export type D1Value = string | number | boolean | null | ArrayBuffer | ArrayBufferView;

/** What a handler's `tx` is given with D1: writes that are run together with the event's completion, all of them or none. */
export interface D1Batch {
  /**
   * Adds a write. It is run when the work in `tx` has returned, in the order of adding; it cannot be read from before.
   *
   * @param sql - one statement, with `?` for each value
   * @param values - its values
   */
  add(sql: string, ...values: readonly D1Value[]): void;
}

/** A write that waits for its batch. */
export interface Write {
  readonly text: string;
  readonly values: readonly D1Value[];
}

/** Collects the writes of one handler until they are sent. */
export class Writes implements D1Batch {
  readonly #writes: Write[] = [];
  #isSent = false;

  /** An arrow, so that a handler may take it off its batch. */
  readonly add = (text: string, ...values: readonly D1Value[]): void => {
    // What comes after the batch has gone would be lost without a word.
    if (this.#isSent) throw new Error("The work in `tx` is over: wait in it for whatever adds to the batch.");
    this.#writes.push({ text, values });
  };

  /** Gives the writes away; none may be added from now on. */
  send(): readonly Write[] {
    this.#isSent = true;
    return this.#writes;
  }
}
