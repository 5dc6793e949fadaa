import type { Lease } from "../../ports/store.ts";
import { sqliteDialect } from "../sql/dialect.ts";
import { HELD } from "../sql/operations.ts";
import { type Operation, operationOf, statementOf } from "../sql/statement.ts";

const asked = statementOf(sqliteDialect, `SELECT seq FROM popp_inbox WHERE ${HELD}`);

/** Asks whether an event is still the claimant's. */
export function isHeld(lease: Lease): Operation<boolean> {
  return operationOf(asked, { ...lease }, (rows) => rows.length === 1);
}

const demanded = statementOf(
  sqliteDialect,
  `INSERT INTO popp_inbox (key) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM popp_inbox WHERE ${HELD})`,
);

/**
 * Fails when an event is no longer the claimant's, and does nothing otherwise. A batch has no conditions, but it ends with the first statement
 * that fails and takes back those before it: where the event is lost, this adds a row without a key, which the schema refuses.
 */
export function assertHeld(lease: Lease): Operation<void> {
  return operationOf(demanded, { ...lease }, () => undefined);
}
