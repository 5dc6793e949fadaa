import { type Batch, one } from "../batch.ts";

/** The seqs of some events. */
export interface SeqRange {
  readonly first: number;
  /** Not included. */
  readonly end: number;
}

/** How many events one statement reads where a statement blocks its process. */
const AT_ONCE = 20_000;

/** The newest event, in SQL. */
export const LAST_SEQ = "COALESCE((SELECT seq FROM popp_inbox_event ORDER BY seq DESC LIMIT 1), 0)";

/** The range of all events. */
export function wholeRange(): Batch<SeqRange> {
  const sql = `SELECT COALESCE((SELECT seq FROM popp_inbox_event ORDER BY seq LIMIT 1), 0) AS first, 1 + ${LAST_SEQ} AS end`;
  return one(sql, {}, ([row]) => ({ first: Number(row?.first ?? 0), end: Number(row?.end ?? 0) }));
}

/** Cuts a range into short ones, the newest first. */
export function* cut({ first, end }: SeqRange): Generator<SeqRange> {
  for (let at = end; at > first; at -= AT_ONCE) yield { first: Math.max(first, at - AT_ONCE), end: at };
}
