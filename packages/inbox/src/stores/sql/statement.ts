/** The value of a parameter. */
export type SqlValue = string | number | Uint8Array | null;

/** A row: values by column name. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** An SQL text of an engine, and the names of its values in order. */
export interface Statement {
  /** The SQL, with the engine's placeholders. */
  readonly text: string;
  /** The name of each placeholder's value. */
  readonly names: readonly string[];
}

/** A statement with its values, and how to read its rows. */
export interface Operation<T> {
  /** The SQL. The same operation always has the same text, so that it can be prepared once. */
  readonly text: string;
  /** The values in the order of the placeholders. */
  readonly values: readonly SqlValue[];
  /** Reads the result. */
  readonly read: (rows: readonly SqlRow[]) => T;
}

/** The placeholders of an engine. */
export interface Placeholders {
  /** The placeholder of the nth parameter, counted from 1. */
  readonly parameter: (index: number) => string;
  /** Whether a placeholder can be used twice in a text. */
  readonly isReusable: boolean;
}

/** Replaces `:name` by an engine's placeholders. */
export function statementOf({ parameter, isReusable }: Placeholders, sql: string): Statement {
  const names: string[] = [];
  const text = sql.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const known = names.indexOf(name);
    return parameter(known >= 0 && isReusable ? known + 1 : names.push(name));
  });
  return { text, names };
}

/** Adds the values of the placeholders. */
export function operationOf<T>(
  { text, names }: Statement,
  values: Readonly<Record<string, SqlValue>>,
  read: (rows: readonly SqlRow[]) => T,
): Operation<T> {
  return { text, values: names.map((name) => values[name] ?? null), read };
}
