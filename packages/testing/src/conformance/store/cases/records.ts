import { assert, assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent, SOURCE } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

const everything = { source: SOURCE, state: null, name: null, sinceMs: 0, beforeSeq: null, limit: 100 } as const;
const forgetting = { source: SOURCE, bodiesOlderThanMs: 0, rowsOlderThanMs: 60_000, limit: 100 } as const;

/** What the record promises. */
export const recordCases: readonly StoreCase[] = [
  {
    name: "lists newest first, by state, name and time",
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
      assertSame("all", await keys({}), [late.key, named.key, old.key]);
      assertSame("by state", await keys({ state: "done" }), [old.key]);
      assertSame("by name", await keys({ name: "DOCUMENT_UPLOADED" }), [named.key]);
      const sinceMs = (await store.get(late.key))?.receivedAtMs ?? 0;
      assertSame("by time", await keys({ sinceMs }), [late.key]);
      assertSame("of another source", await keys({ source: "another" }), []);
    },
  },
  {
    name: "pages without a gap or a repeat while events arrive",
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
    name: "gives a dead event a new life, with all its attempts",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      assertSame("one that is not dead", await store.redrive(event.key), false);
      const { lease, claimed: first } = await claimOne(store, event);
      assertSame("one that is in hand", await store.redrive(event.key), false);
      await store.settle(lease, settled.dead);
      assertSame("one that is dead", await store.redrive(event.key), true);
      assertSame("its state", (await store.get(event.key))?.state, "received");
      const { claimed: second, lease: next } = await claimOne(store, event);
      assertSame("the attempt", second.attempts, 1);
      assert(second.fence > first.fence, "expected the fence to grow on");
      await store.settle(next, settled.done);
      assertSame("one that is done", await store.redrive(event.key), false);
      assertSame("one that is unknown", await store.redrive(newEvent().key), false);
    },
  },
  {
    name: "counts by state, and says how long the oldest due event has waited",
    async run({ store }) {
      assertSame("of nothing", (await store.stats(SOURCE)).oldestDueMs, 0);
      const [done, dead, retry, waiting] = [newEvent(), newEvent(), newEvent(), newEvent()];
      for (const event of [done, dead, retry, waiting]) await store.accept(event);
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      await store.settle((await claimOne(store, retry)).lease, retryIn(60_000));
      await store.reject(newEvent(), 10);
      await store.accept(newEvent({ source: "another" }));
      await pause(60);
      const { counts, oldestDueMs } = await store.stats(SOURCE);
      const { received, processing, retry: retrying, done: finished, dead: deadReason, rejected } = counts;
      assertSame("the counts", [received, processing, retrying, finished, deadReason, rejected], [1, 0, 1, 1, 1, 1]);
      assert(oldestDueMs >= 40 && oldestDueMs < 60_000, `expected the wait of the oldest, but received ${oldestDueMs}`);
    },
  },
  {
    name: "forgets bodies of what is finished, still refuses its duplicates, and keeps what is open",
    async run({ store }) {
      const [done, dead, open, retry] = [newEvent(), newEvent(), newEvent(), newEvent()];
      for (const event of [done, dead, open, retry]) await store.accept(event);
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      await store.settle((await claimOne(store, retry)).lease, retryIn(0));
      await pause(20);
      assertSame("too early", await store.prune({ ...forgetting, bodiesOlderThanMs: 60_000 }), { bodies: 0, rows: 0 });
      assertSame("one at a time", (await store.prune({ ...forgetting, limit: 1 })).bodies, 1);
      assertSame("the rest", await store.prune(forgetting), { bodies: 1, rows: 0 });
      const stored = await store.get(done.key);
      assertSame("what is left", [stored?.state, stored?.body, stored?.headers], ["done", null, null]);
      assertSame("a late duplicate", (await store.accept(done)).outcome, "duplicate");
      assertSame(
        "the same id with other bytes",
        (await store.accept({ ...done, hash: "0".repeat(64) })).outcome,
        "conflict",
      );
      assertSame("a new life without a body", await store.redrive(dead.key), false);
      assertSame(
        "what is open",
        (await store.claim(claimOf())).map(({ key, body }) => [key, body.length > 0]).sort(),
        [
          [open.key, true],
          [retry.key, true],
        ].sort(),
      );
    },
  },
  {
    name: "forgets finished events altogether after their time, and open ones never",
    async run({ store }) {
      const [done, open] = [newEvent(), newEvent()];
      await store.accept(done);
      await store.accept(open);
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await pause(20);
      const forgetAll = { ...forgetting, rowsOlderThanMs: 0 };
      await store.prune(forgetAll);
      await store.prune(forgetAll);
      assertSame("the finished one", await store.get(done.key), undefined);
      assertSame("the open one", (await store.get(open.key))?.state, "received");
      assertSame("the finished one, sent again", (await store.accept(done)).outcome, "accepted");
    },
  },
  {
    name: "is opened again without harm, by several at once",
    async run({ store, connect }) {
      const event = newEvent();
      await store.accept(event);
      const others = await Promise.all([connect(), connect()]);
      for (const other of others) assertSame("what the other sees", (await other.get(event.key))?.state, "received");
      assertSame("a duplicate for the other", (await others[0]?.accept(event))?.outcome, "duplicate");
    },
  },
];
