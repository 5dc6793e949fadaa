import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import { operationOf, type SqlRow, type Statement } from "../../sql/statement.ts";
import type { PostgresAdapter } from "../clients/adapter.ts";
import { sql } from "../sql/text.ts";
import type { TimeLimit } from "../time-limit.ts";
import { hiddenRows } from "./inspect-tables.ts";

/** How many rows each part of a statement has written, by table. */
const counts = (tables: readonly string[]) =>
  tables.map((table) => `(SELECT COUNT(*) FROM ${table}) AS ${table}`).join(", ");

const INSERTS = `WITH event AS (INSERT INTO popp_inbox_event AS e (key, source, name, hash, tags, received_at)
    VALUES (:key, :key, '', '', '{}', 0) ON CONFLICT (key) DO UPDATE SET duplicates = e.duplicates + 1 RETURNING seq),
  state AS (INSERT INTO popp_inbox_state (seq, source, name, state, updated_at, has_body)
    SELECT seq, :key, '', 'received', 0, TRUE FROM event RETURNING seq),
  body AS (INSERT INTO popp_inbox_body (seq, headers, body) SELECT seq, '{}', '' FROM event RETURNING seq),
  tag AS (INSERT INTO popp_inbox_tag (tag, seq) SELECT 0, seq FROM event RETURNING seq),
  turn AS (INSERT INTO popp_inbox_turn AS t (order_key, seq, until) SELECT :key, seq, 0 FROM event
    ON CONFLICT (order_key) DO UPDATE SET seq = excluded.seq RETURNING seq),
  tally AS (INSERT INTO popp_inbox_tally (source, name, state, n) VALUES (:key, '', 'received', 1) RETURNING n),
  pause AS (INSERT INTO popp_inbox_pause (source, name) VALUES (:key, '') ON CONFLICT DO NOTHING RETURNING name)
  SELECT ${counts(["event", "state", "body", "tag", "turn", "tally", "pause"])}`;

/** Updates a row that is locked first. */
const updated = (table: string, where: string, set: string) => `${table}_locked AS MATERIALIZED (
    SELECT ctid FROM popp_inbox_${table} WHERE ${where} FOR UPDATE),
  ${table} AS (UPDATE popp_inbox_${table} SET ${set} WHERE ${where} AND ctid IN (SELECT ctid FROM ${table}_locked) RETURNING ${table === "turn" ? "order_key" : "source"})`;

const SEQ = "(SELECT seq FROM popp_inbox_event WHERE key = :key)";

const UPDATES = `WITH ${[
  updated("event", "source = :key AND key = :key", "duplicates = duplicates + 1"),
  updated("state", `seq = ${SEQ}`, "state = 'processing'"),
  updated("turn", "order_key = :key", "until = 1"),
].join(", ")}, tally AS MATERIALIZED (SELECT n FROM popp_inbox_tally WHERE source = :key FOR UPDATE)
  SELECT ${counts(["event", "state", "turn", "tally"])}`;

const DELETES = `WITH event AS (DELETE FROM popp_inbox_event WHERE source = :key AND key = :key RETURNING seq),
  ${["state", "body"].map((table) => `${table} AS (DELETE FROM popp_inbox_${table} WHERE seq = ${SEQ} RETURNING seq)`).join(", ")},
  tag AS (DELETE FROM popp_inbox_tag WHERE tag = 0 AND seq = ${SEQ} RETURNING seq),
  turn AS (DELETE FROM popp_inbox_turn WHERE order_key = :key RETURNING seq),
  tally AS (DELETE FROM popp_inbox_tally WHERE source = :key RETURNING n),
  pause AS (DELETE FROM popp_inbox_pause WHERE source = :key RETURNING name)
  SELECT ${counts(["event", "state", "body", "tag", "turn", "tally", "pause"])}`;

/** Every kind of statement that the store runs, on one event. */
const STEPS: readonly (readonly [kind: string, statement: Statement])[] = [
  ["INSERT", sql(INSERTS)],
  ["UPDATE", sql(UPDATES)],
  ["DELETE", sql(DELETES)],
];

/** The codes of a server that has run a statement and refuses it. The others say that it cannot run any at the moment. */
const REFUSED = /^(?!08|25006|40|53|55|57|58)[0-9A-Z]{5}$/;

/** Rolls the trial back. */
const UNDO = new Error("The trial is over.");

/**
 * Stores, locks, changes and deletes an event of a source that nobody else uses, in a transaction that is rolled back. The catalogs do not show what
 * policies, triggers and rules do to a row.
 *
 * @param tables - the rows of `inspectTables`
 * @throws WebhookError `STORE_UNAVAILABLE` which names the table and what to do
 */
export async function proveRights<Tx>(
  { adapter, qualified, limit }: ProofConfig<Tx>,
  tables: readonly SqlRow[],
): Promise<void> {
  const key = `trial ${crypto.randomUUID()}`;
  let step = "";
  try {
    await adapter.transaction(async (_, query) => {
      for (const [kind, statement] of STEPS) {
        step = kind;
        const { text, values } = operationOf(statement, { key }, () => undefined);
        const [row = {}] = await query(qualified(text), values);
        const without = Object.keys(row)
          .filter((name) => Number(row[name]) !== 1)
          .map((name) => `popp_inbox_${name}`);
        if (without.length > 0) throw new WebhookError("STORE_UNAVAILABLE", withoutEffect(kind, without, tables));
      }
      throw UNDO;
    }, limit.expired);
  } catch (error) {
    if (error === UNDO) return;
    throw refusal(error, step, tables);
  }
}

/** What a proof needs. */
export interface ProofConfig<Tx> {
  readonly adapter: PostgresAdapter<Tx>;
  readonly qualified: (text: string) => string;
  readonly limit: TimeLimit;
}

/** The sentence for a statement that the server ran, but that has not written a row. */
function withoutEffect(kind: string, names: readonly string[], tables: readonly SqlRow[]): string {
  const filtered = tables.filter(({ name, filtered: is }) => is === true && names.includes(String(name)));
  const [first] = filtered;
  if (first !== undefined)
    return hiddenRows(
      first,
      filtered.map(({ name }) => String(name)),
    );
  // What a table does not store is missing from the tables that depend on it.
  const guilty = tables.find(({ name, triggers }) => triggers !== null && names.includes(String(name)));
  if (guilty === undefined) return `A trial ${kind} of a row of ${names.join(", ")} had no effect.`;
  const table = `${guilty.schema}.${guilty.name}`;
  return `A trial ${kind} of a row of ${table} had no effect, because a trigger of the table prevents it (${guilty.triggers}). Run: ALTER TABLE ${table} DISABLE TRIGGER USER;`;
}

/** Explains an error of the trial. An error of the connection is none of the tables: it is passed on. */
function refusal(error: unknown, kind: string, tables: readonly SqlRow[]): unknown {
  const { code, message } = Object(error);
  const filtered = tables.filter(({ filtered: is }) => is === true);
  const [first] = tables;
  if (isWebhookError(error) || typeof code !== "string" || !REFUSED.test(code) || first === undefined) return error;
  const { schema } = first;
  const sentence =
    filtered.length > 0 && /row-level security/.test(message)
      ? hiddenRows(
          first,
          filtered.map(({ name }) => String(name)),
        )
      : code === "23505"
        ? `The numbers of ${schema}.popp_inbox_event begin again: its sequence is behind its rows, as after a restore. Run: SELECT setval(pg_get_serial_sequence('${String(schema).replaceAll("'", "''")}.popp_inbox_event', 'seq'), MAX(seq)) FROM ${schema}.popp_inbox_event;`
        : `Postgres refuses a trial ${kind} on the tables in the schema ${schema}: ${message}`;
  return new WebhookError("STORE_UNAVAILABLE", sentence, { cause: error });
}
