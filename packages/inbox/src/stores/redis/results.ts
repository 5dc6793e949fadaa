import type { Redriven, RedriveRefusal } from "../../ports/changes.ts";
import { EVENT_STATES, type EventState, zeroCounts } from "../../ports/event-state.ts";
import type { OverdueEvent, StoreStats, UnindexedEvent } from "../../ports/queries.ts";
import { unpacked } from "./codec.ts";
import { listOf, numberOf, textOf } from "./reply.ts";

const REFUSALS: readonly RedriveRefusal[] = [
  ...(["unknown", "erased", "pruned", "rejected", "received", "processing", "done"] as const),
];

/** Reads what became of events that were to be redriven. */
export function redrivenOf(keys: readonly string[], reply: unknown): readonly Redriven[] {
  const results = listOf(reply).map(textOf);
  return keys.map((key, at) => ({
    key,
    result: REFUSALS.find((refusal) => refusal === results[at]) ?? "redriven",
  }));
}

/** Reads overdue events. */
export function overdueOf(reply: unknown): readonly OverdueEvent[] {
  return listOf(reply).map((one) => {
    const [key, dueAtMs, lateMs] = listOf(one);
    return { key: textOf(key) ?? "", dueAtMs: numberOf(dueAtMs) ?? 0, lateMs: numberOf(lateMs) ?? 0 };
  });
}

/** Reads counts. Names without an event are left out. */
export function statsOf(reply: unknown): StoreStats {
  const [dueIn, unindexed, paused, ofNames] = listOf(reply);
  const [counts, names] = [zeroCounts(), new Map<string, Partial<Record<EventState, number>>>()];
  for (const one of listOf(ofNames)) {
    const [name, ...numbers] = listOf(one);
    const ofName: Partial<Record<EventState, number>> = {};
    for (const [at, state] of EVENT_STATES.entries()) {
      const count = numberOf(numbers[at]) ?? 0;
      if (count === 0) continue;
      ofName[state] = count;
      counts[state] += count;
      names.set(textOf(name) ?? "", ofName);
    }
  }
  const dueInMs = numberOf(dueIn);
  return {
    counts,
    names: Object.fromEntries(names),
    oldestDueMs: Math.max(0, -(dueInMs ?? 0)),
    nextDueInMs: dueInMs === null ? null : Math.max(0, dueInMs),
    paused: listOf(paused)
      .map((name) => textOf(name) ?? "")
      .sort(),
    hasUnindexed: numberOf(unindexed) === 1,
  };
}

/** Reads events without an index. */
export function unindexedOf(reply: unknown): readonly UnindexedEvent[] {
  return listOf(reply).map((one) => {
    const [key, name, content] = listOf(one);
    return { key: textOf(key) ?? "", name: textOf(name) ?? "", body: unpacked(content)?.body ?? null };
  });
}
