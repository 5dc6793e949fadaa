import { claimOf, claimOne, demandSame, newEvent, retryIn, type StoreCase, settled, wait } from "../store-case.ts";

/** What a transaction promises, where a store has them. */
export const transactCases: readonly StoreCase[] = [
  {
    name: "commits the user's work and the event's completion together",
    needs: "marks",
    async run({ store, marks }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      const result = await store.transact(lease, async () => "value").catch(() => undefined);
      // Synchronous engines refuse a promise; then nothing has happened.
      if (result === undefined) {
        demandSame("after refused work", (await store.get(event.key))?.state, "processing");
        await store.transact(lease, (tx) => void marks?.leave(tx));
        demandSame("the marks", await marks?.count(), 1);
      }
      demandSame("the state", (await store.get(event.key))?.state, "done");
      demandSame("settling it again", await store.settle(lease, settled.done), false);
    },
  },
  {
    name: "leaves no trace of work that failed, and the event with its claimant",
    needs: "marks",
    async run({ store, marks }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      const failed = await store
        .transact(lease, (tx) => {
          const left = marks?.leave(tx);
          const fail = () => {
            throw new Error("the work failed");
          };
          return left instanceof Promise ? left.then(fail) : fail();
        })
        .then(
          () => "resolved",
          (error: Error) => error.message,
        );
      demandSame("the failure", failed, "the work failed");
      demandSame("the marks", await marks?.count(), 0);
      demandSame("the state", (await store.get(event.key))?.state, "processing");
      demandSame("trying it again later", await store.settle(lease, retryIn(0)), true);
      demandSame("claiming it", (await store.claim(claimOf())).length, 1);
    },
  },
  {
    name: "runs no work for a claimant that has lost its lease",
    needs: "marks",
    async run({ store, marks }) {
      const event = newEvent();
      await store.accept(event);
      const { lease: zombie } = await claimOne(store, event, { leaseMs: 1 });
      await wait(40);
      await claimOne(store, event);
      const result = await store.transact(zombie, (tx) => marks?.leave(tx));
      demandSame("the result", [result === undefined, await marks?.count()], [true, 0]);
      demandSame("the state", (await store.get(event.key))?.state, "processing");
    },
  },
];
