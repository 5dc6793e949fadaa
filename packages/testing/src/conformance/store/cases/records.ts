import { assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent, SOURCE } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

const pruning = {
  ...{ source: SOURCE, limit: 100 },
  ...{ bodiesOlderThanMs: 0, deadOlderThanMs: 0, rowsOlderThanMs: 60_000 },
} as const;

/** Rules for listing, redriving, counting and pruning. */
export const recordCases: readonly StoreCase[] = [
  {
    name: "deletes bodies of finished events only, and still recognizes their duplicates",
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
        "pruning before the retention time",
        await store.prune({ ...pruning, bodiesOlderThanMs: 60_000, deadOlderThanMs: 60_000 }),
        nothing,
      );
      const keepingDead = { ...pruning, deadOlderThanMs: 60_000 };
      assertSame("pruning without dead events", await store.prune(keepingDead), { bodies: 2, dead: 0, rows: 0 });
      assertSame("pruning again", await store.prune(keepingDead), nothing);
      assertSame("pruning dead events", await store.prune(pruning), { bodies: 1, dead: 1, rows: 0 });
      const stored = await store.get(done.key);
      assertSame(
        "the pruned event",
        [stored?.state, stored?.hasBody, stored?.body, stored?.headers],
        ["done", false, null, null],
      );
      assertSame("a late duplicate", (await store.accept(done)).outcome, "duplicate");
      assertSame(
        "the same id with other bytes",
        (await store.accept({ ...done, hash: "0".repeat(64) })).outcome,
        "conflict",
      );
      assertSame("redriving without a body", await store.redrive([dead.key], true), [
        { key: dead.key, result: "pruned" },
      ]);
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
    name: "prunes as many as it was asked to, however large the bodies are",
    async run({ store }) {
      for (let number = 0; number < 5; number++)
        await store.accept(newEvent({ deadReason: "dead", body: new Uint8Array(600_000).fill(number) }));
      await pause(20);
      assertSame("two of five", await store.prune({ ...pruning, limit: 2 }), { bodies: 2, dead: 2, rows: 0 });
      assertSame("the others", await store.prune(pruning), { bodies: 3, dead: 3, rows: 0 });
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
