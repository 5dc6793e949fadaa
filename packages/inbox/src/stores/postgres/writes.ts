import type { Lease, Settlement } from "../../ports/claims.ts";
import type { Accepted, NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import { grouped } from "../grouped.ts";
import type { Calls } from "./calls.ts";
import { isConnectionError } from "./clients/connection-error.ts";
import { acceptGroupOperation, acceptOperation, stateOfNew } from "./sql/accept.ts";
import { getOperation } from "./sql/read.ts";
import { type SettleRequest, settleGroupOperation, settleOperation } from "./sql/settle.ts";
import { untilConnected } from "./until-connected.ts";

/** The calls that are put into groups. */
export interface Writes {
  readonly accept: (event: NewEvent) => Promise<Accepted>;
  readonly settle: (lease: Lease, settlement: Settlement) => Promise<boolean>;
}

/** Creates the grouped calls of a store. */
export function writesOf({ run, runAgain }: Calls): Writes {
  /**
   * Accepts an event alone. An accept whose answer was lost may have been committed: its own row is no duplicate.
   *
   * @param wasSent - whether it may be committed already, as part of a group
   */
  async function acceptAlone(event: NewEvent, wasSent: boolean): Promise<Accepted> {
    return untilConnected(async (isAgain) => {
      const stored = isAgain || wasSent ? await run(getOperation(event.key)) : undefined;
      if (stored !== undefined && isUntouched(stored, event)) return { outcome: "accepted", state: stored.state };
      const outcome = await run(acceptOperation(event));
      if (outcome === "accepted") return { outcome, state: stateOfNew(event) };
      // It may have been pruned since.
      return { outcome, state: (await run(getOperation(event.key)))?.state ?? "done" };
    });
  }

  const accept = grouped<NewEvent, Accepted>({
    keyOf: ({ key }) => key,
    gathers: true,
    sizeOf: ({ body }) => body.byteLength,
    alone: (event) => acceptAlone(event, false),
    together: async (events) => {
      const accepted = await run(acceptGroupOperation(events));
      return ({ key }) => accepted.get(key);
    },
    again: (event, error) => ifItHelps(error, () => acceptAlone(event, true)),
  });

  const settle = grouped<SettleRequest, boolean>({
    keyOf: ({ lease }) => lease.key,
    gathers: true,
    sizeOf: ({ settlement }) => settlement.history?.length ?? 0,
    alone: (request) => runAgain(settleOperation(request)),
    together: async (requests) => {
      const settled = await run(settleGroupOperation(requests));
      return ({ lease }) => settled.has(lease.key);
    },
    again: (request, error) => ifItHelps(error, () => runAgain(settleOperation(request))),
  });

  return { accept, settle: (lease, settlement) => settle({ lease, settlement }) };
}

/** A server that answers with an error may refuse one row of a group; one that does not answer will not answer each row either. */
async function ifItHelps<T>(error: unknown, run: () => Promise<T>): Promise<T> {
  const { code } = Object(error);
  const isRefused = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && code !== "57014";
  if (!isRefused && !isConnectionError(error)) throw error;
  return run();
}

/** Whether a row is unchanged since it was accepted: not claimed, and without duplicates. */
function isUntouched({ hash, state, fence, duplicates }: StoredEvent, event: NewEvent): boolean {
  return hash === event.hash && state === stateOfNew(event) && fence === 0 && duplicates === 0;
}
