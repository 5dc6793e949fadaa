import type { Lease } from "../../ports/claims.ts";
import { type Batch, isOne, one } from "../sql/batch.ts";
import { HELD } from "../sql/claim.ts";

/** Whether the claimant still holds the lease. */
export function isHeld(lease: Lease): Batch<boolean> {
  return one(`SELECT seq FROM popp_inbox_event WHERE ${HELD}`, { ...lease }, isOne);
}

/**
 * Fails when the claimant no longer holds the lease, and does nothing otherwise. A batch has no conditions, but the first failing statement
 * rolls it back. When the lease is lost, this statement inserts a row without a key, which the schema refuses.
 */
export function assertHeld(lease: Lease): Batch<void> {
  const sql = `INSERT INTO popp_inbox_event (key) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM popp_inbox_event WHERE ${HELD})`;
  return one(sql, { ...lease }, () => undefined);
}
