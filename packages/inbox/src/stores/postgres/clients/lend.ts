/** A transaction that the user's work may use until it ends. */
export interface Loan<Tx> {
  /** The client's transaction, wrapped. */
  readonly tx: Tx;
  /** Ends the loan: from now on every use of the transaction throws. */
  readonly end: () => void;
}

/**
 * Wraps a transaction so that it cannot be used after its end. Work that goes on would then write outside the transaction, on a connection that
 * serves other calls; and postgres.js ends the process when a statement is sent to a closed connection.
 */
export function lend<Tx extends object>(tx: Tx): Loan<Tx> {
  let isOver = false;

  function assertOpen(): void {
    if (isOver)
      throw new Error("This transaction has ended: its work returned, took too long, or lost its connection.");
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

  /** Calls a method on the client's own object, so that the client never receives the wrapper. */
  function method(owner: object, own: object, isSavepoint: boolean): object {
    return new Proxy(own, {
      apply: (called, _, values: unknown[]) => {
        assertOpen();
        return Reflect.apply(asFunction(called), owner, isSavepoint ? values.map(lending) : values);
      },
    });
  }

  /** A savepoint of postgres.js passes its own transaction to its work: wraps that one too. */
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
  // Every caller has checked that the value is a function.
  return value as (...values: unknown[]) => unknown;
}
