import type { Dialect } from "./dialect.ts";

/** What a parameter may hold. */
export type SqlValue = string | number | Uint8Array | null;

/** A row as an engine gives it: by column name. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A text for one dialect, and which values it takes in which order. */
export interface Statement {
  /** The SQL, with the dialect's placeholders. */
  readonly text: string;
  /** The name of the value of each placeholder. */
  readonly names: readonly string[];
}

/** One statement with its values, and what its rows mean: all that an engine must run. */
export interface Operation<T> {
  /** The SQL; the same text each time, so that it may be prepared once. */
  readonly text: string;
  /** The values, in the order of the placeholders. */
  readonly values: readonly SqlValue[];
  /** Reads the result. */
  readonly read: (rows: readonly SqlRow[]) => T;
}

/** Turns `:name` into the dialect's placeholders. */
export function statementOf(dialect: Dialect, sql: string): Statement {
  const names: string[] = [];
  const text = sql.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const known = names.indexOf(name);
    if (known >= 0 && dialect.reusesParameters) return dialect.parameter(known + 1);
    return dialect.parameter(names.push(name));
  });
  return { text, names };
}

/** Fills a statement's placeholders. */
export function operationOf<T>(
  { text, names }: Statement,
  values: Readonly<Record<string, SqlValue>>,
  read: (rows: readonly SqlRow[]) => T,
): Operation<T> {
  return { text, values: names.map((name) => values[name] ?? null), read };
}
