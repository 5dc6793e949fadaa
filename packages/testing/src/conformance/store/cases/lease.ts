import { assert, assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, claimWhenDue, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

const TEN_MINUTES = 600_000;

/** What a lease promises. */
export const leaseCases: readonly StoreCase[] = [
  {
    name: "gives no event out while its lease is live, and gives it out when it is over",
    async run({ store }) {
      const [held, event] = [newEvent(), newEvent()];
      await store.accept(held);
      await claimOne(store, held, { leaseMs: 60_000 });
      assertSame("while it is live", await store.claim(claimOf()), []);
      assertSame("while it is live, by key", await store.claim(claimOf({ key: held.key })), []);
      await store.accept(event);
      const { claimed: first } = await claimOne(store, event, { leaseMs: 1 });
      const { claimed: second } = await claimWhenDue(store, event);
      assertSame("the attempt", second.attempts, 2);
      assert(second.fence > first.fence, `expected the fence to grow beyond ${first.fence}, but it is ${second.fence}`);
    },
  },
  {
    name: "lets only the holder settle and renew",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease: zombie } = await claimOne(store, event, { leaseMs: 1 });
      const { lease: holder } = await claimWhenDue(store, event);
      for (const settlement of [settled.done, settled.dead, retryIn(0)])
        assertSame(`a zombie's ${settlement.state}`, await store.settle(zombie, settlement), false);
      assertSame("a zombie's renewal", await store.renew(zombie, 60_000), false);
      assertSame("the state", (await store.get(event.key))?.state, "processing");
      assertSame("the holder's renewal", await store.renew(holder, 60_000), true);
      assertSame("the holder's done", await store.settle(holder, settled.done), true);
    },
  },
  {
    name: "prolongs a lease by renewing it",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 300 });
      assertSame("the renewal", await store.renew(lease, 60_000), true);
      await pause(400);
      assertSame("after the first lease's time", await store.claim(claimOf()), []);
      assertSame("the holder's done", await store.settle(lease, settled.done), true);
    },
  },
  {
    name: "lets a holder whose lease is over settle, as long as nobody else has claimed",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 1 });
      await pause(40);
      assertSame("a late done", await store.settle(lease, settled.done), true);
      assertSame("claiming it afterwards", await store.claim(claimOf()), []);
    },
  },
  {
    name: "goes by its own clock, whatever the claimant's says",
    async run({ store }) {
      const [event, waiting] = [newEvent(), newEvent()];
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 60_000 });
      await atCallersTime(TEN_MINUTES, async () => {
        assertSame("a live lease, claimed ten minutes ahead", await store.claim(claimOf()), []);
        await store.accept(waiting);
      });
      await atCallersTime(-TEN_MINUTES, async () => {
        const claimed = await store.claim(claimOf({ leaseMs: 60_000 }));
        assertSame(
          "what was accepted ahead, claimed ten minutes behind",
          claimed.map(({ key }) => key),
          [waiting.key],
        );
      });
      assertSame("a lease given ten minutes behind, claimed now", await store.claim(claimOf()), []);
      assertSame("the holder's renewal", await store.renew(lease, 60_000), true);
    },
  },
];

/** Sets the calling process's idea of the time, and nothing else's. */
async function atCallersTime(offsetMs: number, run: () => Promise<void>): Promise<void> {
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
