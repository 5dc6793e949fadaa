/** Lets what has the same key run one after another, and everything else at once. */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>();

  /** An arrow, so that it may be handed on. The work must not reject. */
  readonly run = async <T>(key: string | null, work: () => Promise<T>): Promise<T> => {
    if (key === null) return work();
    const before = this.#last.get(key);
    const mine = before === undefined ? work() : before.then(work);
    this.#last.set(key, mine);
    const result = await mine;
    if (this.#last.get(key) === mine) this.#last.delete(key);
    return result;
  };
}
