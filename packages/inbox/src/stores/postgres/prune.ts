import type { Pruned, PruneRequest } from "../../ports/changes.ts";
import type { Calls } from "./calls.ts";
import {
  foldOperation,
  type PruneStep,
  pruneBodiesOperation,
  pruneRowsOperation,
  pruneTurnsOperation,
} from "./sql/prune.ts";

/** Deletes old bodies and events, and sums the tally up. */
export async function prune({ runAgain }: Calls, request: PruneRequest): Promise<Pruned> {
  const { source, limit, bodiesOlderThanMs, deadOlderThanMs, rowsOlderThanMs } = request;
  const pruned = { bodies: 0, dead: 0, rows: 0 };
  for (const state of ["done", "rejected", "dead"] as const) {
    const step: Omit<PruneStep, "limit"> = {
      source,
      state,
      ageMs: state === "dead" ? deadOlderThanMs : bodiesOlderThanMs,
    };
    const bodies = await runAgain(pruneBodiesOperation({ ...step, limit: limit - pruned.bodies }));
    pruned.bodies += bodies;
    if (state === "dead") pruned.dead = bodies;
    const rows = pruneRowsOperation({ ...step, ageMs: rowsOlderThanMs, limit: limit - pruned.rows });
    pruned.rows += await runAgain(rows);
  }
  await runAgain(pruneTurnsOperation());
  await runAgain(foldOperation());
  return pruned;
}
