import type { TimelineBucket, TimelineQuery } from "../../ports/queries.ts";
import type { Argument } from "./connection.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import type { Script } from "./scripts/script.ts";
import { hoursScript, timelineScript } from "./scripts/stats.ts";

type Run = (script: Script, args: readonly Argument[]) => Promise<unknown>;

const HOUR_MS = 3_600_000;

/** Counts events by buckets: from the counts of hours where the buckets are made of hours, and event by event otherwise. */
export async function timelineOf(run: Run, query: TimelineQuery): Promise<readonly TimelineBucket[]> {
  const { sinceMs, untilMs, bucketMs } = query;
  const buckets = new Map<number, TimelineBucket>();
  if (bucketMs % HOUR_MS !== 0 || sinceMs % HOUR_MS !== 0) await addEvents(run, query, sinceMs, 1, buckets);
  else {
    const endMs = Math.ceil(untilMs / HOUR_MS) * HOUR_MS;
    await addHours(run, { ...query, untilMs: endMs }, buckets);
    // What came after the end in its hour is taken off again. The end is mostly now, so that there is hardly anything.
    if (untilMs < endMs) await addEvents(run, { ...query, untilMs: endMs }, Math.max(untilMs, sinceMs), -1, buckets);
  }
  return [...buckets.values()].sort((one, other) => one.atMs - other.atMs);
}

async function addHours(run: Run, query: TimelineQuery, buckets: Map<number, TimelineBucket>): Promise<void> {
  for (let from: number | null = query.sinceMs; from !== null; ) {
    const reply: readonly unknown[] = listOf(await run(hoursScript, [...argumentsOf(query), String(from)]));
    from = numberOf(reply[0]);
    add(buckets, reply.slice(1), 1);
  }
}

async function addEvents(
  run: Run,
  query: TimelineQuery,
  fromMs: number,
  sign: 1 | -1,
  buckets: Map<number, TimelineBucket>,
): Promise<void> {
  let after: string | null = null;
  do {
    const args: string[] = [...argumentsOf(query), String(fromMs), ...(after === null ? [] : [after])];
    const reply: readonly unknown[] = listOf(await run(timelineScript, args));
    after = textOf(reply[0]);
    add(buckets, reply.slice(1), sign);
  } while (after !== null);
}

function argumentsOf({ source, sinceMs, untilMs, bucketMs }: TimelineQuery): readonly string[] {
  return [source, String(sinceMs), String(untilMs), String(bucketMs)];
}

/** Adds the counts of one step to those of the steps before. */
function add(buckets: Map<number, TimelineBucket>, replies: readonly unknown[], sign: 1 | -1): void {
  for (const reply of replies) {
    const [atMs = 0, received = 0, done = 0, dead = 0, duplicates = 0] = listOf(reply).map((one) => numberOf(one) ?? 0);
    const before = buckets.get(atMs) ?? { received: 0, done: 0, dead: 0, duplicates: 0 };
    buckets.set(atMs, {
      atMs,
      received: before.received + sign * received,
      done: before.done + sign * done,
      dead: before.dead + sign * dead,
      duplicates: before.duplicates + sign * duplicates,
    });
  }
}
