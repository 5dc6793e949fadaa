import {
  type Operation,
  operationOf,
  type Placeholders,
  type SqlRow,
  type SqlValue,
  type Statement,
  statementOf,
} from "./statement.ts";

/** Statements that run in order and in one transaction, and how to read their rows. */
export interface Batch<T> {
  readonly operations: readonly Operation<readonly SqlRow[]>[];
  /** Reads the result: the rows of each statement. */
  readonly read: (results: readonly (readonly SqlRow[])[]) => T;
}

const PLACEHOLDERS: Placeholders = { parameter: () => "?", isReusable: false };

const statements = new Map<string, Statement>();

/** One statement with its values. The same SQL is always the same statement, so that it can be prepared once. */
export function query(sql: string, values: Readonly<Record<string, SqlValue>>): Operation<readonly SqlRow[]> {
  const statement = statements.get(sql) ?? statementOf(PLACEHOLDERS, sql);
  statements.set(sql, statement);
  return operationOf(statement, values, (rows) => rows);
}

/** A batch of one statement. */
export function one<T>(
  sql: string,
  values: Readonly<Record<string, SqlValue>>,
  read: (rows: readonly SqlRow[]) => T,
): Batch<T> {
  return { operations: [query(sql, values)], read: ([rows = []]) => read(rows) };
}

/** A batch of statements with the same values. */
export function several<T>(
  sql: readonly string[],
  values: Readonly<Record<string, SqlValue>>,
  read: Batch<T>["read"],
): Batch<T> {
  return { operations: sql.map((text) => query(text, values)), read };
}

/** Whether a statement returned a row. */
export function isOne(rows: readonly SqlRow[]): boolean {
  return rows.length === 1;
}
