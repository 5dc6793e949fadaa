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

/** Reads what a claim could not claim, one sentence for each. */
export function troublesOf(reply: unknown): readonly string[] {
  return listOf(reply).map((one) => {
    const [name, key, error] = listOf(one).map(textOf);
    const event = name ? `An event of the name ${name} (key ${key})` : `An event (key ${key})`;
    return error
      ? `${event} cannot be claimed, because its data were edited: ${error}. It is looked at again in a minute. Restore its data, or erase it.`
      : `${event} is lost: Redis has something else in its place, or nothing. Have it delivered again.`;
  });
}

/** Says that stored events cannot be read; undefined when all can. */
export function unreadableOf(replies: readonly unknown[]): string | undefined {
  const keys = replies.filter((reply) => !Array.isArray(listOf(reply)[1])).map((reply) => textOf(listOf(reply)[0]));
  if (keys.length === 0) return undefined;
  return `${keys.length} stored events cannot be read and are left out: Redis has something else in their places, or nothing. Their keys: ${keys.slice(0, 10).join(", ")}.`;
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
