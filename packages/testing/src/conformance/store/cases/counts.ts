import { assert, assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent, SOURCE } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

/** What counts promise. */
export const countCases: readonly StoreCase[] = [
  {
    name: "counts by state and name, and tells how long the oldest due event has waited",
    async run({ store }) {
      const empty = await store.stats(SOURCE);
      assertSame(
        "of nothing",
        [empty.oldestDueMs, empty.nextDueInMs, empty.names, empty.hasUnindexed],
        [0, null, {}, false],
      );
      const [done, dead, retry, waiting] = [newEvent(), newEvent(), newEvent(), newEvent({ name: "OTHER" })];
      for (const event of [done, dead, retry, waiting]) await store.accept(event);
      await store.accept(done);
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      await store.settle((await claimOne(store, retry)).lease, retryIn(60_000));
      await store.reject(newEvent({ name: "" }), 10);
      await store.accept(newEvent({ source: "another" }));
      await pause(60);
      const { counts, names, oldestDueMs, nextDueInMs } = await store.stats(SOURCE);
      const { received, processing, retry: retrying, done: finished, dead: given, rejected } = counts;
      assertSame("the counts", [received, processing, retrying, finished, given, rejected], [1, 0, 1, 1, 1, 1]);
      const { CONVERSATION_STARTED: started, OTHER: other } = names;
      assertSame("by name", [started?.done, started?.dead, started?.retry, other?.received], [1, 1, 1, 1]);
      assertSame("no other state", [other?.done ?? 0, started?.received ?? 0], [0, 0]);
      assert(oldestDueMs >= 40 && oldestDueMs < 60_000, `expected the wait of the oldest, but received ${oldestDueMs}`);
      assertSame("when the next is due", nextDueInMs, 0);
    },
  },
  {
    name: "counts right after redrives, erasures, prunes and crashes",
    async run({ store }) {
      const events = Array.from({ length: 6 }, () => newEvent());
      const [redriven, erased, pruned, crashed, spent, claimed] = events;
      if (!redriven || !erased || !pruned || !crashed || !spent || !claimed) throw new Error("expected six events");
      for (const event of events) await store.accept(event);
      await store.settle((await claimOne(store, redriven)).lease, settled.dead);
      await store.redrive([redriven.key], false);
      await store.erase([erased.key]);
      await store.settle((await claimOne(store, pruned)).lease, settled.done);
      await pause(5);
      const all = { bodiesOlderThanMs: 0, deadOlderThanMs: 0, rowsOlderThanMs: 60_000 };
      await store.prune({ source: SOURCE, ...all, limit: 10 });
      for (const event of [crashed, spent]) await claimOne(store, event, { leaseMs: 1 });
      await pause(20);
      await store.claim(claimOf({ key: crashed.key }));
      await store.claim(claimOf({ key: spent.key, maxCrashes: 1 }));
      await claimOne(store, claimed);
      const { counts } = await store.stats(SOURCE);
      assertSame(
        "the counts",
        [counts.received, counts.processing, counts.retry, counts.done, counts.dead, counts.rejected],
        [1, 2, 0, 2, 1, 0],
      );
    },
  },
  {
    name: "tells when the next event is due",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      await store.settle((await claimOne(store, event)).lease, retryIn(60_000));
      const { nextDueInMs, oldestDueMs } = await store.stats(SOURCE);
      assert(
        (nextDueInMs ?? 0) > 0 && (nextDueInMs ?? 0) <= 60_000,
        `expected up to 60 s, but received ${nextDueInMs}`,
      );
      assertSame("none is due", oldestDueMs, 0);
    },
  },
  {
    name: "shows on a timeline what came when, and what has become of it",
    async run({ store }) {
      const [done, dead, open] = [newEvent(), newEvent(), newEvent()];
      for (const event of [done, dead, open, open, open]) await store.accept(event);
      await store.reject(newEvent(), 10);
      await store.accept(newEvent({ source: "another" }));
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      const bucketMs = 3_600_000;
      const at = (await store.get(done.key))?.receivedAtMs ?? 0;
      const sinceMs = Math.floor(at / bucketMs) * bucketMs - bucketMs;
      const query = { source: SOURCE, sinceMs, untilMs: sinceMs + 10 * bucketMs, bucketMs };
      const buckets = (await store.timeline(query)).filter(({ received }) => received > 0);
      const sum = (field: "received" | "done" | "dead" | "duplicates") =>
        buckets.reduce((total, bucket) => total + bucket[field], 0);
      assertSame("what came", [sum("received"), sum("done"), sum("dead"), sum("duplicates")], [3, 1, 1, 2]);
      assertSame("the first bucket", buckets[0]?.atMs, sinceMs + bucketMs);
      assertSame(
        "another time",
        await store.timeline({ ...query, sinceMs: sinceMs - 9 * bucketMs, untilMs: sinceMs }),
        [],
      );
    },
  },
];
