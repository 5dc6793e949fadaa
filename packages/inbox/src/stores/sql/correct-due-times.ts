import { type Batch, one } from "./batch.ts";
import { NOW } from "./columns.ts";

/** How many events a call looks at, those with the latest due times first: many may wait for a retry. */
export const LOOKED_AT = 5_000;

/** By how much an event must be in the future: another process reads the clock a little later. */
export const SLACK_MS = 1_000;

/** The index of due events has all that is looked at. */
const CORRECT = `UPDATE popp_inbox_event SET
  due_at = ${NOW} + CASE WHEN state = 'processing' THEN MAX(0, due_at - updated_at) ELSE 0 END,
  updated_at = ${NOW}
  WHERE seq IN (SELECT seq FROM (
    SELECT seq, state, updated_at FROM popp_inbox_event INDEXED BY popp_inbox_event_due
    WHERE source = :source AND due_at > ${NOW} + ${SLACK_MS} ORDER BY due_at DESC LIMIT ${LOOKED_AT})
    WHERE state = 'received' OR updated_at > ${NOW} + ${SLACK_MS})
  RETURNING seq`;

export function correctDueTimes(source: string): Batch<number> {
  return one(CORRECT, { source }, (rows) => rows.length);
}
