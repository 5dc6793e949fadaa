import { assertSame } from "../../assert.ts";
import { claimOf, claimOne, claimWhenDue, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

/** What a transaction promises, where a store has them. */
export const transactCases: readonly StoreCase[] = [
  {
    name: "commits the user's work and the event's completion together",
    needs: "sideEffects",
    async run({ store, sideEffects }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      const result = await store.transact(lease, async () => "value").catch(() => undefined);
      // Synchronous engines refuse a promise; then nothing has happened.
      if (result === undefined) {
        assertSame("after refused work", (await store.get(event.key))?.state, "processing");
        await store.transact(lease, (tx) => void sideEffects?.write(tx));
        assertSame("the committed side effects", await sideEffects?.count(), 1);
      }
      assertSame("the state", (await store.get(event.key))?.state, "done");
      assertSame("settling it again", await store.settle(lease, settled.done), false);
    },
  },
  {
    name: "leaves no trace of work that failed, and the event with its claimant",
    needs: "sideEffects",
    async run({ store, sideEffects }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      const failed = await store
        .transact(lease, (tx) => {
          const written = sideEffects?.write(tx);
          const fail = () => {
            throw new Error("the work failed");
          };
          return written instanceof Promise ? written.then(fail) : fail();
        })
        .then(
          () => "resolved",
          (error: Error) => error.message,
        );
      assertSame("the failure", failed, "the work failed");
      assertSame("the committed side effects", await sideEffects?.count(), 0);
      assertSame("the state", (await store.get(event.key))?.state, "processing");
      assertSame("trying it again later", await store.settle(lease, retryIn(0)), true);
      assertSame("claiming it", (await store.claim(claimOf())).length, 1);
    },
  },
  {
    name: "runs no work for a claimant that has lost its lease",
    needs: "sideEffects",
    async run({ store, sideEffects }) {
      const event = newEvent();
      await store.accept(event);
      const { lease: zombie } = await claimOne(store, event, { leaseMs: 1 });
      await claimWhenDue(store, event);
      const result = await store.transact(zombie, (tx) => sideEffects?.write(tx));
      assertSame("the result", [result === undefined, await sideEffects?.count()], [true, 0]);
      assertSame("the state", (await store.get(event.key))?.state, "processing");
    },
  },
];
