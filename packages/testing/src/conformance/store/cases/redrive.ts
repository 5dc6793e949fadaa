import type { InboxStore, NewEvent, Settlement } from "@popp-webhooks/inbox";
import { assert, assertSame } from "../../assert.ts";
import { claimOf, claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent } from "../new-event.ts";
import { EVERYTHING } from "../queries.ts";
import type { StoreCase } from "../store-case.ts";

async function acceptAndSettle<Tx>(store: InboxStore<Tx>, event: NewEvent, settlement: Settlement): Promise<void> {
  await store.accept(event);
  await store.settle((await claimOne(store, event)).lease, settlement);
}

async function redriveOne<Tx>(store: InboxStore<Tx>, { key }: NewEvent, force = false): Promise<string | undefined> {
  const [redriven] = await store.redrive([key], force);
  assertSame("the key of the result", redriven?.key, key);
  return redriven?.result;
}

/** What redriving promises. */
export const redriveCases: readonly StoreCase[] = [
  {
    name: "redrives a dead event with all its attempts",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      assertSame("one that is due already", await redriveOne(store, event, true), "received");
      const { lease, claimed: first } = await claimOne(store, event);
      assertSame("one that is claimed", await redriveOne(store, event, true), "processing");
      await store.settle(lease, settled.dead);
      assertSame("one that is dead", await redriveOne(store, event), "redriven");
      const { state, note } = (await store.get(event.key)) ?? {};
      assertSame("its state", [state, note], ["received", null]);
      const { claimed: second } = await claimOne(store, event);
      assertSame("its attempts", [second.attempts, second.crashes], [1, 0]);
      assert(second.fence > first.fence, "expected the fence to grow on");
      assertSame("one that is unknown", await redriveOne(store, newEvent()), "unknown");
    },
  },
  {
    name: "redrives an event that waits for its retry, and keeps its attempts",
    async run({ store }) {
      const event = newEvent();
      await acceptAndSettle(store, event, { ...retryIn(60_000), history: "kept" });
      assertSame("the result", await redriveOne(store, event), "redriven");
      assertSame("its state", (await store.get(event.key))?.state, "retry");
      const { claimed } = await claimOne(store, event);
      assertSame("the attempt", claimed.attempts, 2);
      assert(claimed.history?.startsWith("kept\n") === true, "expected the history to be kept");
    },
  },
  {
    name: "redrives unhandled and superseded events, and handled ones only by force",
    async run({ store }) {
      const [unhandled, superseded, handled] = [
        newEvent(),
        newEvent({ orderKey: "0".repeat(32), orderAtMs: 1 }),
        newEvent(),
      ];
      await acceptAndSettle(store, unhandled, { ...settled.done, note: "unhandled" });
      await acceptAndSettle(store, superseded, { ...settled.done, note: "superseded" });
      await acceptAndSettle(store, handled, settled.done);
      assertSame("unhandled", await redriveOne(store, unhandled), "redriven");
      assertSame("superseded", await redriveOne(store, superseded), "redriven");
      assertSame("handled", await redriveOne(store, handled), "done");
      assertSame("handled, by force", await redriveOne(store, handled, true), "redriven");
      assertSame("all are due", (await store.claim(claimOf())).length, 3);
      assertSame("without its order", (await store.get(superseded.key))?.orderKey, null);
    },
  },
  {
    name: "refuses to redrive rejected events",
    async run({ store }) {
      const event = newEvent();
      await store.reject(event, 10);
      assertSame("the result", await redriveOne(store, event, true), "rejected");
    },
  },
  {
    name: "redrives 500 events with one call, each once",
    async run({ store, connect }) {
      const events = Array.from({ length: 500 }, () => newEvent({ deadReason: "stored dead" }));
      await Promise.all(events.map((event) => store.accept(event)));
      const [keys, other] = [events.map(({ key }) => key), await connect()];
      const results = await Promise.all([store.redrive(keys, false), other.redrive(keys, false)]);
      const count = (result: string) => results.flat().filter((one) => one.result === result).length;
      assertSame("redriven, and due already", [count("redriven"), count("received")], [500, 500]);
      assertSame("what is due", (await store.list({ ...EVERYTHING, state: "received", limit: 501 })).length, 500);
    },
  },
];
