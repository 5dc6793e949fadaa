import {
  claimOf,
  claimOne,
  demand,
  demandSame,
  newEvent,
  retryIn,
  type StoreCase,
  settled,
  wait,
} from "../store-case.ts";

const TEN_MINUTES = 600_000;

/** What a lease promises. */
export const leaseCases: readonly StoreCase[] = [
  {
    name: "gives no event out while its lease is live, and gives it out when it is over",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { claimed: first } = await claimOne(store, event, { leaseMs: 400 });
      demandSame("while it is live", await store.claim(claimOf()), []);
      demandSame("while it is live, by key", await store.claim(claimOf({ key: event.key })), []);
      await wait(500);
      const { claimed: second } = await claimOne(store, event);
      demandSame("the attempt", second.attempts, 2);
      demand(second.fence > first.fence, `expected the fence to grow beyond ${first.fence}, but it is ${second.fence}`);
    },
  },
  {
    name: "lets only the holder settle and renew",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease: zombie } = await claimOne(store, event, { leaseMs: 1 });
      await wait(40);
      const { lease: holder } = await claimOne(store, event);
      for (const settlement of [settled.done, settled.dead, retryIn(0)])
        demandSame(`a zombie's ${settlement.state}`, await store.settle(zombie, settlement), false);
      demandSame("a zombie's renewal", await store.renew(zombie, 60_000), false);
      demandSame("the state", (await store.get(event.key))?.state, "processing");
      demandSame("the holder's renewal", await store.renew(holder, 60_000), true);
      demandSame("the holder's done", await store.settle(holder, settled.done), true);
    },
  },
  {
    name: "prolongs a lease by renewing it",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 300 });
      demandSame("the renewal", await store.renew(lease, 60_000), true);
      await wait(400);
      demandSame("after the first lease's time", await store.claim(claimOf()), []);
      demandSame("the holder's done", await store.settle(lease, settled.done), true);
    },
  },
  {
    name: "lets a holder whose lease is over settle, as long as nobody else has claimed",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 1 });
      await wait(40);
      demandSame("a late done", await store.settle(lease, settled.done), true);
      demandSame("claiming it afterwards", await store.claim(claimOf()), []);
    },
  },
  {
    name: "goes by its own clock, whatever the claimant's says",
    async run({ store }) {
      const [event, waiting] = [newEvent(), newEvent()];
      await store.accept(event);
      const { lease } = await claimOne(store, event, { leaseMs: 5_000 });
      await atCallersTime(TEN_MINUTES, async () => {
        demandSame("a live lease, claimed ten minutes ahead", await store.claim(claimOf()), []);
        await store.accept(waiting);
      });
      await atCallersTime(-TEN_MINUTES, async () => {
        const claimed = await store.claim(claimOf({ leaseMs: 5_000 }));
        demandSame(
          "what was accepted ahead, claimed ten minutes behind",
          claimed.map(({ key }) => key),
          [waiting.key],
        );
      });
      demandSame("a lease given ten minutes behind, claimed now", await store.claim(claimOf()), []);
      demandSame("the holder's renewal", await store.renew(lease, 5_000), true);
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
