import { assert, assertSame } from "../../assert.ts";
import { claimOf, claimOne, claimWhenDue, retryIn, settled } from "../claim-and-settle.ts";
import { keyOf, newEvent, SOURCE } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

/** Rules for settling claims. */
export const settleCases: readonly StoreCase[] = [
  {
    name: "a finished event is never claimed again, and later deliveries are duplicates",
    async run({ store }) {
      for (const settlement of [settled.done, settled.dead]) {
        const event = newEvent();
        await store.accept(event);
        const { lease } = await claimOne(store, event);
        assertSame("settling", await store.settle(lease, settlement), true);
        assertSame("claiming", await store.claim(claimOf()), []);
        assertSame("claiming by key", await store.claim(claimOf({ key: event.key })), []);
        assertSame("a late duplicate", await store.accept(event), { outcome: "duplicate", state: settlement.state });
        assertSame("claiming after the duplicate", await store.claim(claimOf()), []);
        const stored = await store.get(event.key);
        assertSame("note and due time", [stored?.note, stored?.dueAtMs], [settlement.note, null]);
      }
    },
  },
  {
    name: "a claim can be settled only once",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      const both = await Promise.all([store.settle(lease, settled.done), store.settle(lease, settled.dead)]);
      assertSame("the number of successful settlements", both.filter(Boolean).length, 1);
      assertSame("a third settlement", await store.settle(lease, retryIn(0)), false);
      assertSame("renewing a settled claim", await store.renew(lease, 60_000), false);
    },
  },
  {
    name: "an event that waits for its retry goes on waiting when due times are corrected",
    async run({ store }) {
      const [waiting, held, fresh] = [newEvent(), newEvent(), newEvent()];
      for (const event of [waiting, held]) await store.accept(event);
      const { lease } = await claimOne(store, waiting);
      await store.settle(lease, retryIn(60_000));
      await claimOne(store, held);
      await store.accept(fresh);
      assertSame("the number of corrected events", await store.correctDueTimes(SOURCE), 0);
      assertSame(
        "what is due",
        (await store.claim(claimOf())).map(({ key }) => key),
        [fresh.key],
      );
    },
  },
  {
    name: "a failed event is claimed again after its delay and not before",
    async run({ store }) {
      const [waiting, event] = [newEvent(), newEvent()];
      await store.accept(waiting);
      await store.settle((await claimOne(store, waiting)).lease, retryIn(60_000));
      assertSame("its state", (await store.get(waiting.key))?.state, "retry");
      assertSame("a claim before the delay ends", await store.claim(claimOf()), []);
      await store.accept(event);
      await store.settle((await claimOne(store, event)).lease, retryIn(1));
      const { claimed } = await claimWhenDue(store, event);
      assertSame("the attempt", claimed.attempts, 2);
    },
  },
  {
    name: "a released claim does not count as an attempt",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease, claimed: first } = await claimOne(store, event);
      assertSame("releasing the claim", await store.settle(lease, settled.released), true);
      const { claimed: second } = await claimOne(store, event);
      assertSame("the attempt", second.attempts, 1);
      assert(second.fence > first.fence, "expected the fence to grow nevertheless, but it did not");
    },
  },
  {
    name: "finds the newest handled event of an order key",
    async run({ store }) {
      const orderKey = keyOf("order");
      assertSame("of an unused order key", await store.newestDone(orderKey), null);
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
      assertSame("of several events", await store.newestDone(orderKey), 1_790_000_002_000);
      assertSame("of another order key", await store.newestDone(keyOf("another order")), null);
    },
  },
];
