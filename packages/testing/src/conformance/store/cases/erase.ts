import { assert, assertSame } from "../../assert.ts";
import { claimOf, claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { keyOf, newEvent } from "../new-event.ts";
import { EVERYTHING } from "../queries.ts";
import type { StoreCase } from "../store-case.ts";

/** What erasing promises. */
export const eraseCases: readonly StoreCase[] = [
  {
    name: "erases everything that tells of a person, and keeps what detects duplicates",
    async run({ store, connect }) {
      const event = newEvent({ orderKey: keyOf("order"), orderAtMs: 5 });
      await store.accept(event);
      await store.accept({ ...event, hash: "1".repeat(64) });
      await store.settle((await claimOne(store, event)).lease, { ...settled.dead, history: "cand_1" });
      const before = await store.get(event.key);
      assertSame("how many", await store.erase([event.key]), 1);
      assertSame("erased again, or unknown", await store.erase([event.key, newEvent().key]), 0);
      const other = await connect();
      const after = await other.get(event.key);
      const gone = [after?.body, after?.headers, after?.recordId, after?.eventId, after?.orderKey, after?.orderAtMs];
      assertSame("what is gone", gone, [null, null, null, null, null, null]);
      assertSame(
        "hashes and tags",
        [after?.hash, after?.conflictHash, after?.tags, after?.hasBody],
        ["", null, [], false],
      );
      assertSame("the note", after?.note, "erased");
      const entry = JSON.parse(after?.history ?? "{}");
      assertSame("the history", [entry.kind, typeof entry.at], ["erase", "number"]);
      assertSame("the state, which stays", [after?.state, after?.name, after?.attempts], ["dead", event.name, 1]);
      assertSame("the times, which stay", after?.receivedAtMs, before?.receivedAtMs);
      assertSame("by tag", await other.list({ ...EVERYTHING, tags: [event.tags] }), []);
      const { name, nameTag } = event;
      for (const state of [null, "dead"] as const)
        assertSame("by its name", (await other.list({ ...EVERYTHING, state, name, nameTag })).length, 1);
      const again = await other.accept({ ...event, hash: "2".repeat(64) });
      assertSame("a later delivery", [again.outcome, again.state], ["duplicate", "dead"]);
      assertSame(
        "its counts",
        [(await store.get(event.key))?.duplicates, (await store.get(event.key))?.conflicts],
        [2, 1],
      );
      assertSame("a redrive", await store.redrive([event.key], true), [{ key: event.key, result: "erased" }]);
    },
  },
  {
    name: "does not handle an erased event",
    async run({ store }) {
      const [received, retry] = [newEvent(), newEvent()];
      for (const event of [received, retry]) await store.accept(event);
      await store.settle((await claimOne(store, retry)).lease, retryIn(0));
      assertSame("how many", await store.erase([received.key, retry.key]), 2);
      assertSame("what is due", await store.claim(claimOf()), []);
      for (const { key } of [received, retry]) {
        const stored = await store.get(key);
        assertSame("its state", [stored?.state, stored?.dueAtMs, await store.dueInMs(key)], ["done", null, null]);
      }
      assertSame("the counts", (await store.stats(received.source)).counts.done, 2);
    },
  },
  {
    name: "takes the lease from the handler of an erased event",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { lease, claimed } = await claimOne(store, event);
      assertSame("how many", await store.erase([event.key]), 1);
      assertSame("renewing", await store.renew(lease, 1_000), false);
      assertSame("settling", await store.settle(lease, { ...settled.dead, history: "cand_1" }), false);
      const stored = await store.get(event.key);
      assertSame("its state and note", [stored?.state, stored?.note], ["done", "erased"]);
      assert((stored?.fence ?? 0) > claimed.fence, "expected a larger fence");
    },
  },
  {
    name: "erases rejected bodies, and counts them as duplicates later",
    async run({ store }) {
      const event = newEvent({ tags: [] });
      await store.reject(event, 10);
      assertSame("how many", await store.erase([event.key]), 1);
      await store.reject(event, 10);
      const stored = await store.get(event.key);
      assertSame(
        "what is left",
        [stored?.state, stored?.hasBody, stored?.hash, stored?.duplicates],
        ["rejected", false, "", 1],
      );
    },
  },
  {
    name: "erases 500 events with one call",
    async run({ store }) {
      const events = Array.from({ length: 500 }, () => newEvent());
      await Promise.all(events.map((event) => store.accept(event)));
      assertSame("how many", await store.erase(events.map(({ key }) => key)), 500);
      assertSame(
        "with bodies",
        (await store.list({ ...EVERYTHING, limit: 501 })).filter(({ hasBody }) => hasBody).length,
        0,
      );
    },
  },
];
