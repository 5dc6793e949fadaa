import type { Lease, Settlement } from "../../ports/claims.ts";
import { parseState } from "../../ports/event-state.ts";
import type { Accepted, NewEvent } from "../../ports/stored-event.ts";
import { grouped } from "../grouped.ts";
import { argumentsOf } from "./codec.ts";
import { listOf, textOf } from "./reply.ts";
import type { RunScript } from "./run-script.ts";
import { acceptScript } from "./scripts/accept.ts";
import { settleScript } from "./scripts/lease.ts";
import type { ServerWatch } from "./server-watch.ts";

/** What the fields of an event take beside its body and headers, in bytes: an estimate. */
const ENTRY_BYTES = 1_000;

/** Accepts concurrent events with one script. */
export function groupedAccept(run: RunScript, watch: ServerWatch): (event: NewEvent) => Promise<Accepted> {
  return groupedScript({
    sizeOf: ({ body, headers }: NewEvent) => body.length + headers.length + ENTRY_BYTES,
    run: async (events) => {
      const args = events.flatMap((event) => argumentsOf(event, event.deadReason === null ? "received" : "dead"));
      const { highest } = watch;
      const replies = listOf(await watch.safely(() => run(acceptScript, args)));
      const numbers = replies.map((reply) => listOf(reply)[2]).filter((seq) => typeof seq === "number");
      if (numbers.length > 0) watch.accepted(numbers, highest);
      return replies;
    },
    resultOf: (reply): Accepted => {
      const [outcome, state] = [0, 1].map((at) => textOf(listOf(reply)[at]));
      if (outcome === "failed") throw new Error(`Redis: ${state}`);
      if (outcome !== "accepted" && outcome !== "duplicate" && outcome !== "conflict")
        throw new Error("Redis answered in a form that this version does not know.");
      return { outcome, state: parseState(state) };
    },
  });
}

/** A claimed event, and how to settle it. */
export interface Settle {
  readonly lease: Lease;
  readonly settlement: Settlement;
}

/** Settles concurrent claims with one script. */
export function groupedSettle(run: RunScript): (settle: Settle) => Promise<boolean> {
  return groupedScript({
    sizeOf: ({ settlement: { note, history } }: Settle) => (note?.length ?? 0) + (history?.length ?? 0) + ENTRY_BYTES,
    run: (settles) =>
      run(settleScript, [
        JSON.stringify(
          settles.map(({ lease, settlement }) => ({ ...lease, ...settlement })),
          present,
        ),
      ]),
    resultOf: (reply): boolean => {
      if (typeof reply !== "number") throw new Error(`Redis: ${textOf(reply)}`);
      return reply === 1;
    },
  });
}

/** Leaves absent values out of JSON: Lua has no null that is false. */
export function present(_: string, value: unknown): unknown {
  return value ?? undefined;
}

interface GroupedScript<Item, Result> {
  readonly sizeOf: (item: Item) => number;
  readonly run: (items: readonly Item[]) => Promise<unknown>;
  /** Reads the reply for one item, and throws when it is an error. */
  readonly resultOf: (reply: unknown) => Result;
}

/** An error of the whole group, such as a broken connection, fails all its items: which of them the server has done is unknown. */
function groupedScript<Item, Result>({ sizeOf, run, resultOf }: GroupedScript<Item, Result>) {
  // Each call has a place of its own: the same event may be delivered many times at once.
  const group = grouped<{ readonly item: Item }, () => Result>({
    gathers: true,
    sizeOf: ({ item }) => sizeOf(item),
    alone: async ({ item }) => {
      const [reply] = listOf(await run([item]));
      return () => resultOf(reply);
    },
    together: async (calls) => {
      const replies = listOf(await run(calls.map(({ item }) => item)));
      const byCall = new Map(calls.map((call, at) => [call, replies[at]]));
      return (call) => () => resultOf(byCall.get(call));
    },
    again: (_, error) => Promise.reject(error),
  });
  return async (item: Item): Promise<Result> => (await group({ item }))();
}
