import { assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent, SOURCE } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

const forgetting = {
  ...{ source: SOURCE, limit: 100 },
  ...{ bodiesOlderThanMs: 0, deadOlderThanMs: 0, rowsOlderThanMs: 60_000 },
} as const;

/** What the record promises. */
export const recordCases: readonly StoreCase[] = [
  {
    name: "forgets bodies of what is finished, still refuses its duplicates, and keeps what is open",
    async run({ store }) {
      const [done, dead, open, retry] = [newEvent(), newEvent(), newEvent(), newEvent()];
      for (const event of [done, dead, open, retry]) await store.accept(event);
      await store.reject(newEvent(), 10);
      const nothing = { bodies: 0, dead: 0, rows: 0 };
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      await store.settle((await claimOne(store, retry)).lease, retryIn(0));
      await pause(20);
      assertSame(
        "too early",
        await store.prune({ ...forgetting, bodiesOlderThanMs: 60_000, deadOlderThanMs: 60_000 }),
        nothing,
      );
      const keepingDead = { ...forgetting, deadOlderThanMs: 60_000 };
      assertSame("without the dead one", await store.prune(keepingDead), { bodies: 2, dead: 0, rows: 0 });
      assertSame("none is left but the dead one", await store.prune(keepingDead), nothing);
      assertSame("the dead one", await store.prune(forgetting), { bodies: 1, dead: 1, rows: 0 });
      const stored = await store.get(done.key);
      assertSame(
        "what is left",
        [stored?.state, stored?.hasBody, stored?.body, stored?.headers],
        ["done", false, null, null],
      );
      assertSame("a late duplicate", (await store.accept(done)).outcome, "duplicate");
      assertSame(
        "the same id with other bytes",
        (await store.accept({ ...done, hash: "0".repeat(64) })).outcome,
        "conflict",
      );
      assertSame("a redrive without a body", await store.redrive([dead.key], true), [
        { key: dead.key, result: "pruned" },
      ]);
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
