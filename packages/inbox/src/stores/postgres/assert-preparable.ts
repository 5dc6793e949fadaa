import { WebhookError } from "@popp-webhooks/core";
import type { PostgresAdapter, Query } from "./clients/adapter.ts";

/** Bytes, because postgres.js prepares a statement again that the server does not know, and then sends bytes as text. */
const PROBE = "SELECT octet_length(CAST($1 AS BYTEA)) AS size";

/** How long another connection may take: a pool of one has none. */
const PATIENCE_MS = 1_000;

/**
 * Refuses prepared statements through a pooler that gives a connection another server between two statements, and knows nothing of prepared ones.
 *
 * One connection prepares a statement. A transaction then keeps that server for itself, so that the pooler must give the first connection another one, where
 * the statement is not prepared.
 *
 * @throws WebhookError `CONFIG_INVALID` when prepared statements do not work
 */
export async function assertPreparable<Tx>({ reserve, transaction }: PostgresAdapter<Tx>): Promise<void> {
  if (reserve === undefined) return;
  await reserve(async (query) => {
    if (!(await isPrepared(query))) throw refusal();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TooLong()), PATIENCE_MS);
    });
    try {
      const trying = transaction(async (_, other) => (await isPrepared(other)) && (await isPrepared(query)), tooLong);
      const works = await Promise.race([trying, tooLong]);
      if (!works) throw refusal();
    } catch (error) {
      // With one connection, or one server behind the pooler, nothing is ever mixed.
      if (!(error instanceof TooLong)) throw error;
    } finally {
      clearTimeout(timer);
    }
  });
}

class TooLong extends Error {}

/** Runs the statement twice, so that it is prepared once. Returns whether the server knew it each time, and received what was sent. */
async function isPrepared(query: Query): Promise<boolean> {
  try {
    for (const size of [3, 4]) {
      const [row] = await query(PROBE, [new Uint8Array(size)]);
      if (Number(row?.size) !== size) return false;
    }
    return true;
  } catch (error) {
    // The statement exists already, or does not exist.
    if (["42P05", "26000", "08P01"].includes(String(Object(error).code))) return false;
    throw error;
  }
}

function refusal(): WebhookError {
  return new WebhookError(
    "CONFIG_INVALID",
    "postgresStore: `prepare` does not work through this pooler, which mixes the prepared statements of several clients. Remove `prepare`, or use a pooler that supports prepared statements, as PgBouncer does from 1.21 on with `max_prepared_statements`.",
  );
}
