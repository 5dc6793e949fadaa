/** A transaction in the hands of the user's work. */
export interface Loan<Tx> {
  /** What the work is given: the client's own transaction, as long as it lasts. */
  readonly tx: Tx;
  /** Takes it back. */
  readonly end: () => void;
}

/**
 * Lends a transaction, to be taken back when it is over: work that goes on then would write outside of it, on a connection that serves others
 * by that time, and postgres.js ends the process when it is asked to write to a connection that was closed.
 */
export function lend<Tx extends object>(tx: Tx): Loan<Tx> {
  let isOver = false;

  function assertOpen(): void {
    if (isOver) throw new Error("This transaction is over: its work ended, took too long, or lost its connection.");
  }

  function lent<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      apply: (called, self, values) => {
        assertOpen();
        return Reflect.apply(asFunction(called), self, values);
      },
      get: (owner, name) => {
        assertOpen();
        const value: unknown = Reflect.get(owner, name, owner);
        return typeof value === "function" ? method(owner, value, name === "savepoint") : value;
      },
    });
  }

  /** Called on what was lent, so that the client never meets its own connection in disguise. */
  function method(owner: object, own: object, isSavepoint: boolean): object {
    return new Proxy(own, {
      apply: (called, _, values: unknown[]) => {
        assertOpen();
        return Reflect.apply(asFunction(called), owner, isSavepoint ? values.map(lending) : values);
      },
    });
  }

  /** A savepoint of postgres.js gives its work a transaction of its own. */
  function lending(value: unknown): unknown {
    if (typeof value !== "function") return value;
    const work = asFunction(value);
    return (inner: object) => work(lent(inner));
  }

  return {
    tx: lent(tx),
    end: () => {
      isOver = true;
    },
  };
}

function asFunction(value: object): (...values: unknown[]) => unknown {
  // The join: only what was seen to be called, or to be a function, comes here.
  return value as (...values: unknown[]) => unknown;
}
