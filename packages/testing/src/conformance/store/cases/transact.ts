import { assertSame } from "../../assert.ts";
import { claimOf, claimOne, claimWhenDue, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

/** Rules for transactions. Skipped for stores without them. */
export const transactCases: readonly StoreCase[] = [
  {
    name: "commits the handler's writes and the event's completion together",
    needs: "sideEffects",
    async run({ store, sideEffects }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      const result = await store.transact(lease, async () => "value").catch(() => undefined);
      // Synchronous engines refuse a promise and must not change anything.
      if (result === undefined) {
        assertSame("the state after a refused promise", (await store.get(event.key))?.state, "processing");
        await store.transact(lease, (tx) => void sideEffects?.write(tx));
        assertSame("the committed side effects", await sideEffects?.count(), 1);
      }
      assertSame("the state", (await store.get(event.key))?.state, "done");
      assertSame("settling it again", await store.settle(lease, settled.done), false);
    },
  },
  {
    name: "rolls back the writes of a failed handler and keeps the claim",
    needs: "sideEffects",
    async run({ store, sideEffects }) {
      const event = newEvent();
      await store.accept(event);
      const { lease } = await claimOne(store, event);
      const failed = await store
        .transact(lease, (tx) => {
          const written = sideEffects?.write(tx);
          const fail = () => {
            throw new Error("the handler failed");
          };
          return written instanceof Promise ? written.then(fail) : fail();
        })
        .then(
          () => "resolved",
          (error: Error) => error.message,
        );
      assertSame("the failure", failed, "the handler failed");
      assertSame("the committed side effects", await sideEffects?.count(), 0);
      assertSame("the state", (await store.get(event.key))?.state, "processing");
      assertSame("scheduling a retry", await store.settle(lease, retryIn(0)), true);
      assertSame("the next claim", (await store.claim(claimOf())).length, 1);
    },
  },
  {
    name: "does not run a transaction whose lease is lost",
    needs: "sideEffects",
    async run({ store, sideEffects }) {
      const event = newEvent();
      await store.accept(event);
      const { lease: expired } = await claimOne(store, event, { leaseMs: 1 });
      await claimWhenDue(store, event);
      const result = await store.transact(expired, (tx) => sideEffects?.write(tx));
      assertSame("the result", [result === undefined, await sideEffects?.count()], [true, 0]);
      assertSame("the state", (await store.get(event.key))?.state, "processing");
    },
  },
];
