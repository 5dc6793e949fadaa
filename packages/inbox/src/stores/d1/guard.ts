import type { Lease } from "../../ports/claims.ts";
import { sqliteDialect } from "../sql/dialect.ts";
import { HELD } from "../sql/operations.ts";
import { type Operation, operationOf, statementOf } from "../sql/statement.ts";

const asked = statementOf(sqliteDialect, `SELECT seq FROM popp_inbox WHERE ${HELD}`);

/** Whether the claimant still holds the lease. */
export function isHeld(lease: Lease): Operation<boolean> {
  return operationOf(asked, { ...lease }, (rows) => rows.length === 1);
}

const demanded = statementOf(
  sqliteDialect,
  `INSERT INTO popp_inbox (key) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM popp_inbox WHERE ${HELD})`,
);

/**
 * Fails when the claimant no longer holds the lease, and does nothing otherwise. A batch has no conditions, but the first failing statement
 * rolls it back. When the lease is lost, this statement inserts a row without a key, which the schema refuses.
 */
export function assertHeld(lease: Lease): Operation<void> {
  return operationOf(demanded, { ...lease }, () => undefined);
}
