import { assert, assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent, SOURCE } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

const everything = { source: SOURCE, state: null, name: null, sinceMs: 0, beforeSeq: null, limit: 100 } as const;
const pruning = { source: SOURCE, bodiesOlderThanMs: 0, rowsOlderThanMs: 60_000, limit: 100 } as const;

/** Rules for listing, redriving, counting and pruning. */
export const recordCases: readonly StoreCase[] = [
  {
    name: "lists the newest events first, filtered by state, name and time",
    async run({ store }) {
      const [old, named, late] = [newEvent(), newEvent({ name: "DOCUMENT_UPLOADED" }), newEvent()];
      await store.accept(old);
      await store.accept(named);
      await pause(30);
      await store.accept(late);
      const { lease } = await claimOne(store, old);
      await store.settle(lease, settled.done);
      const keys = async (filter: Partial<Parameters<typeof store.list>[0]>) =>
        (await store.list({ ...everything, ...filter })).map(({ key }) => key);
      assertSame("all events", await keys({}), [late.key, named.key, old.key]);
      assertSame("by state", await keys({ state: "done" }), [old.key]);
      assertSame("by name", await keys({ name: "DOCUMENT_UPLOADED" }), [named.key]);
      const sinceMs = (await store.get(late.key))?.receivedAtMs ?? 0;
      assertSame("by time", await keys({ sinceMs }), [late.key]);
      assertSame("another source", await keys({ source: "another" }), []);
    },
  },
  {
    name: "pages contain each event once while new events arrive",
    async run({ store }) {
      const first = Array.from({ length: 10 }, () => newEvent());
      for (const event of first) await store.accept(event);
      const seen: string[] = [];
      let beforeSeq: number | null = null;
      for (;;) {
        const page = await store.list({ ...everything, beforeSeq, limit: 3 });
        seen.push(...page.map(({ key }) => key));
        const last = page.at(-1);
        if (last === undefined) break;
        beforeSeq = last.seq;
        await store.accept(newEvent());
      }
      assertSame("the pages", seen, first.map(({ key }) => key).reverse());
    },
  },
  {
    name: "redriving a dead event restores all its attempts",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      assertSame("redriving a waiting event", await store.redrive(event.key), false);
      const { lease, claimed: first } = await claimOne(store, event);
      assertSame("redriving a claimed event", await store.redrive(event.key), false);
      await store.settle(lease, settled.dead);
      assertSame("redriving a dead event", await store.redrive(event.key), true);
      assertSame("its state", (await store.get(event.key))?.state, "received");
      const { claimed: second, lease: next } = await claimOne(store, event);
      assertSame("the attempt", second.attempts, 1);
      assert(second.fence > first.fence, "expected the fence to keep growing, but it did not");
      await store.settle(next, settled.done);
      assertSame("redriving a finished event", await store.redrive(event.key), false);
      assertSame("redriving an unknown event", await store.redrive(newEvent().key), false);
    },
  },
  {
    name: "counts events by state and reports the age of the oldest due event",
    async run({ store }) {
      assertSame("the age in an empty store", (await store.stats(SOURCE)).oldestDueMs, 0);
      const [done, dead, retry, waiting] = [newEvent(), newEvent(), newEvent(), newEvent()];
      for (const event of [done, dead, retry, waiting]) await store.accept(event);
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      await store.settle((await claimOne(store, retry)).lease, retryIn(60_000));
      await store.reject(newEvent(), 10);
      await store.accept(newEvent({ source: "another" }));
      await pause(60);
      const { counts, oldestDueMs } = await store.stats(SOURCE);
      const { received, processing, retry: retrying, done: finished, dead: deadCount, rejected } = counts;
      assertSame("the counts", [received, processing, retrying, finished, deadCount, rejected], [1, 0, 1, 1, 1, 1]);
      assert(
        oldestDueMs >= 40 && oldestDueMs < 60_000,
        `expected the age of the oldest due event, but received ${oldestDueMs}`,
      );
    },
  },
  {
    name: "deletes bodies of finished events only, and still recognizes their duplicates",
    async run({ store }) {
      const [done, dead, open, retry] = [newEvent(), newEvent(), newEvent(), newEvent()];
      for (const event of [done, dead, open, retry]) await store.accept(event);
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      await store.settle((await claimOne(store, retry)).lease, retryIn(0));
      await pause(20);
      assertSame("pruning before the retention time", await store.prune({ ...pruning, bodiesOlderThanMs: 60_000 }), {
        bodies: 0,
        rows: 0,
      });
      assertSame("pruning with limit 1", (await store.prune({ ...pruning, limit: 1 })).bodies, 1);
      assertSame("pruning the rest", await store.prune(pruning), { bodies: 1, rows: 0 });
      const stored = await store.get(done.key);
      assertSame("the pruned event", [stored?.state, stored?.body, stored?.headers], ["done", null, null]);
      assertSame("a late duplicate", (await store.accept(done)).outcome, "duplicate");
      assertSame(
        "the same id with other bytes",
        (await store.accept({ ...done, hash: "0".repeat(64) })).outcome,
        "conflict",
      );
      assertSame("redriving without a body", await store.redrive(dead.key), false);
      assertSame(
        "the open events",
        (await store.claim(claimOf())).map(({ key, body }) => [key, body.length > 0]).sort(),
        [
          [open.key, true],
          [retry.key, true],
        ].sort(),
      );
    },
  },
  {
    name: "deletes rows of old finished events and never of open ones",
    async run({ store }) {
      const [done, open] = [newEvent(), newEvent()];
      await store.accept(done);
      await store.accept(open);
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await pause(20);
      const pruneAll = { ...pruning, rowsOlderThanMs: 0 };
      await store.prune(pruneAll);
      await store.prune(pruneAll);
      assertSame("the finished event", await store.get(done.key), undefined);
      assertSame("the open event", (await store.get(open.key))?.state, "received");
      assertSame("the finished event, delivered again", (await store.accept(done)).outcome, "accepted");
    },
  },
  {
    name: "several connections can open the same store at once",
    async run({ store, connect }) {
      const event = newEvent();
      await store.accept(event);
      const others = await Promise.all([connect(), connect()]);
      for (const other of others)
        assertSame("the state for another connection", (await other.get(event.key))?.state, "received");
      assertSame("a duplicate on another connection", (await others[0]?.accept(event))?.outcome, "duplicate");
    },
  },
];
