import { assert, assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, claimWhenDue, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

const TEN_MINUTES = 600_000;

/** Rules for leases. */
export const leaseCases: readonly StoreCase[] = [
  {
    name: "a claimed event is not claimed again before its lease ends",
    async run({ store }) {
      const [held, event] = [newEvent(), newEvent()];
      await store.accept(held);
      await claimOne(store, held, { leaseMs: 60_000 });
      assertSame("a claim during the lease", await store.claim(claimOf()), []);
      assertSame("a claim by key during the lease", await store.claim(claimOf({ key: held.key })), []);
      await store.accept(event);
      const { claimed: first } = await claimOne(store, event, { leaseMs: 1 });
      const { claimed: second } = await claimWhenDue(store, event);
      assertSame("the attempt", second.attempts, 2);
      assert(second.fence > first.fence, `expected a fence above ${first.fence}, but received ${second.fence}`);
    },
  },
  {
    name: "only the current lease holder can settle and renew",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease: expired } = await claimOne(store, event, { leaseMs: 1 });
      const { lease: holder } = await claimWhenDue(store, event);
      for (const settlement of [settled.done, settled.dead, retryIn(0)])
        assertSame(
          `settling as ${settlement.state} with the expired lease`,
          await store.settle(expired, settlement),
          false,
        );
      assertSame("renewing the expired lease", await store.renew(expired, 60_000), false);
      assertSame("the state", (await store.get(event.key))?.state, "processing");
      assertSame("renewing the current lease", await store.renew(holder, 60_000), true);
      assertSame("settling with the current lease", await store.settle(holder, settled.done), true);
    },
  },
  {
    name: "renewing extends the lease",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 300 });
      assertSame("renewing", await store.renew(lease, 60_000), true);
      await pause(400);
      assertSame("a claim after the first lease would have ended", await store.claim(claimOf()), []);
      assertSame("settling with the current lease", await store.settle(lease, settled.done), true);
    },
  },
  {
    name: "an expired lease can still be settled if nobody else has claimed the event",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 1 });
      await pause(40);
      assertSame("settling late", await store.settle(lease, settled.done), true);
      assertSame("a claim afterwards", await store.claim(claimOf()), []);
    },
  },
  {
    name: "uses the store's clock, not the caller's",
    async run({ store }) {
      const [event, waiting] = [newEvent(), newEvent()];
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 60_000 });
      await withShiftedDate(TEN_MINUTES, async () => {
        assertSame("a claim by a caller ten minutes ahead", await store.claim(claimOf()), []);
        await store.accept(waiting);
      });
      await withShiftedDate(-TEN_MINUTES, async () => {
        const claimed = await store.claim(claimOf({ leaseMs: 60_000 }));
        assertSame(
          "a claim by a caller ten minutes behind",
          claimed.map(({ key }) => key),
          [waiting.key],
        );
      });
      assertSame("a claim of an event leased by the caller ten minutes behind", await store.claim(claimOf()), []);
      assertSame("renewing the current lease", await store.renew(lease, 60_000), true);
    },
  },
];

/** Runs with a shifted `Date` in this process; other processes and the engine keep their clocks. */
async function withShiftedDate(offsetMs: number, run: () => Promise<void>): Promise<void> {
  const RealDate = Date;
  class ShiftedDate extends RealDate {
    constructor(...values: [] | [number | string | Date]) {
      super(values.length === 0 ? RealDate.now() + offsetMs : values[0]);
    }
    static override now(): number {
      return RealDate.now() + offsetMs;
    }
  }
  Object.assign(globalThis, { Date: ShiftedDate });
  try {
    await run();
  } finally {
    Object.assign(globalThis, { Date: RealDate });
  }
}
