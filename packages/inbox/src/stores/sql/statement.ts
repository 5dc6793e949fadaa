import type { Dialect } from "./dialect.ts";

/** The value of a parameter. */
export type SqlValue = string | number | Uint8Array | null;

/** A row: values by column name. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** An SQL text in a dialect, and the names of its values in order. */
export interface Statement {
  /** The SQL, with the dialect's placeholders. */
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

/** Replaces `:name` by the dialect's placeholders. */
export function statementOf(dialect: Dialect, sql: string): Statement {
  const names: string[] = [];
  const text = sql.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const known = names.indexOf(name);
    if (known >= 0 && dialect.reusesParameters) return dialect.parameter(known + 1);
    return dialect.parameter(names.push(name));
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
