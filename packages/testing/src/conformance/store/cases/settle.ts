import {
  claimOf,
  claimOne,
  demand,
  demandSame,
  keyOf,
  newEvent,
  retryIn,
  type StoreCase,
  settled,
  wait,
} from "../store-case.ts";

/** What settling promises. */
export const settleCases: readonly StoreCase[] = [
  {
    name: "gives a finished event out never again, and still knows it",
    async run({ store }) {
      for (const settlement of [settled.done, settled.dead]) {
        const event = newEvent();
        await store.accept(event);
        const { lease } = await claimOne(store, event);
        demandSame("settling", await store.settle(lease, settlement), true);
        demandSame("claiming", await store.claim(claimOf()), []);
        demandSame("claiming by key", await store.claim(claimOf({ key: event.key })), []);
        demandSame("a late duplicate", await store.accept(event), { outcome: "duplicate", state: settlement.state });
        demandSame("claiming after the duplicate", await store.claim(claimOf()), []);
        const stored = await store.get(event.key);
        demandSame("the record", [stored?.note, stored?.dueAtMs], [settlement.note, null]);
      }
    },
  },
  {
    name: "settles a claim once",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      const both = await Promise.all([store.settle(lease, settled.done), store.settle(lease, settled.dead)]);
      demandSame("the two", both.filter(Boolean).length, 1);
      demandSame("a third", await store.settle(lease, retryIn(0)), false);
      demandSame("renewing what is settled", await store.renew(lease, 60_000), false);
    },
  },
  {
    name: "gives a failed event out again after its delay, and not before",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      await store.settle(lease, retryIn(400));
      demandSame("its state", (await store.get(event.key))?.state, "retry");
      demandSame("before its delay", await store.claim(claimOf()), []);
      await wait(500);
      const { claimed } = await claimOne(store, event);
      demandSame("the attempt", claimed.attempts, 2);
    },
  },
  {
    name: "does not count an attempt that was given back",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease, claimed: first } = await claimOne(store, event);
      demandSame("giving it back", await store.settle(lease, settled.released), true);
      const { claimed: second } = await claimOne(store, event);
      demandSame("the attempt", second.attempts, 1);
      demand(second.fence > first.fence, "expected the fence to grow all the same");
    },
  },
  {
    name: "knows the newest handled event of an order",
    async run({ store }) {
      const orderKey = keyOf("order");
      demandSame("of none", await store.newestDone(orderKey), null);
      const finish = async (
        orderAtMs: number,
        settlement: { readonly note: string | null; readonly state: "done" | "dead" },
      ) => {
        const event = newEvent({ orderKey, orderAtMs });
        await store.accept(event);
        const { lease } = await claimOne(store, event);
        await store.settle(lease, { ...settled.done, ...settlement });
      };
      await finish(1_790_000_002_000, { state: "done", note: null });
      await finish(1_790_000_001_000, { state: "done", note: null });
      await finish(1_790_000_003_000, { state: "done", note: "superseded" });
      await finish(1_790_000_004_000, { state: "dead", note: null });
      await store.accept(newEvent({ orderKey, orderAtMs: 1_790_000_005_000 }));
      demandSame("of several", await store.newestDone(orderKey), 1_790_000_002_000);
      demandSame("of another", await store.newestDone(keyOf("another order")), null);
    },
  },
];
