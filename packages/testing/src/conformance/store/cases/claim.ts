import { assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, retryIn } from "../claim-and-settle.ts";
import { newEvent } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

/** Rules for claiming events. */
export const claimCases: readonly StoreCase[] = [
  {
    name: "claims the oldest events first, up to the limit",
    async run({ store }) {
      const events = Array.from({ length: 5 }, () => newEvent());
      for (const event of events) {
        await store.accept(event);
        await pause(3);
      }
      const keys = events.map(({ key }) => key);
      const first = await store.claim(claimOf({ limit: 2 }));
      assertSame(
        "the first two events",
        first.map(({ key }) => key),
        keys.slice(0, 2),
      );
      assertSame(
        "their state and attempts",
        first.map(({ state, attempts }) => [state, attempts]),
        [
          ["processing", 1],
          ["processing", 1],
        ],
      );
      assertSame(
        "the remaining events",
        (await store.claim(claimOf())).map(({ key }) => key),
        keys.slice(2),
      );
      assertSame("a claim when nothing is left", await store.claim(claimOf()), []);
    },
  },
  {
    name: "only one of 1,000 concurrent claims gets the event",
    async run({ store, connect }) {
      const [event, other] = [newEvent(), await connect()];
      await store.accept(event);
      const claims = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) =>
          (index % 2 === 0 ? store : other).claim(claimOf({ key: event.key })),
        ),
      );
      assertSame("the number of claims that got the event", claims.filter((claimed) => claimed.length > 0).length, 1);
    },
  },
  {
    name: "20 concurrent workers claim 500 events, each exactly once",
    async run({ store, connect }) {
      const other = await connect();
      await Promise.all(Array.from({ length: 500 }, () => store.accept(newEvent())));
      const seen: string[] = [];
      const worker = async (handle: typeof store): Promise<void> => {
        const claimed = await handle.claim(claimOf({ limit: 7 }));
        seen.push(...claimed.map(({ key }) => key));
        if (claimed.length > 0) await worker(handle);
      };
      await Promise.all(Array.from({ length: 20 }, (_, index) => worker(index % 2 === 0 ? store : other)));
      assertSame("the number of claims and of distinct events", [seen.length, new Set(seen).size], [500, 500]);
    },
  },
  {
    name: "claims a due event by key and no other event",
    async run({ store }) {
      const [one, other] = [newEvent(), newEvent()];
      await store.accept(one);
      await store.accept(other);
      const { claimed } = await claimOne(store, other);
      assertSame("the claimed event", claimed.key, other.key);
      assertSame("a second claim", await store.claim(claimOf({ key: other.key })), []);
      assertSame("a claim of an unknown key", await store.claim(claimOf({ key: newEvent().key })), []);
    },
  },
  {
    name: "claims only events of the requested source",
    async run({ store }) {
      const [one, other] = [newEvent(), newEvent({ source: "another" })];
      await store.accept(one);
      await store.accept(other);
      assertSame("by key", await store.claim(claimOf({ key: other.key })), []);
      assertSame(
        "of the first source",
        (await store.claim(claimOf())).map(({ key }) => key),
        [one.key],
      );
      assertSame(
        "of the other source",
        (await store.claim(claimOf({ source: "another" }))).map(({ key }) => key),
        [other.key],
      );
    },
  },
  {
    name: "does not claim excluded events, even if their lease has expired",
    async run({ store }) {
      const [running, waiting] = [newEvent(), newEvent()];
      await store.accept(running);
      await claimOne(store, running, { leaseMs: 1 });
      await store.accept(waiting);
      await pause(40);
      const exclude = [running.key];
      assertSame("by key", await store.claim(claimOf({ exclude, key: running.key })), []);
      assertSame(
        "all due events",
        (await store.claim(claimOf({ exclude }))).map(({ key }) => key),
        [waiting.key],
      );
      assertSame(
        "without an exclusion",
        (await store.claim(claimOf())).map(({ key }) => key),
        [running.key],
      );
    },
  },
  {
    name: "claims waiting and abandoned events separately",
    async run({ store }) {
      const [abandoned, failed, held, fresh] = [newEvent(), newEvent(), newEvent(), newEvent()];
      for (const event of [abandoned, failed, held, fresh]) await store.accept(event);
      await claimOne(store, abandoned, { leaseMs: 1 });
      await store.settle((await claimOne(store, failed)).lease, retryIn(0));
      await claimOne(store, held);
      await pause(40);
      const keys = async (which: "waiting" | "abandoned", leaseMs: number, limit = 100) =>
        (await store.claim(claimOf({ which, limit, leaseMs }))).map(({ key }) => key).sort();
      assertSame("the waiting events", await keys("waiting", 1), [failed.key, fresh.key].sort());
      assertSame("a second claim of waiting events", await keys("waiting", 1), []);
      await pause(40);
      const all = [abandoned.key, failed.key, fresh.key];
      const one = await keys("abandoned", 60_000, 1);
      assertSame("one abandoned event", [one.length, all.includes(one[0] ?? "")], [1, true]);
      assertSame("the other abandoned events", await keys("abandoned", 1), all.filter((key) => key !== one[0]).sort());
      await pause(40);
      const byKey = await store.claim(claimOf({ which: "waiting", key: all.find((key) => key !== one[0]) ?? null }));
      assertSame("an abandoned event, claimed by key", byKey.length, 1);
    },
  },
];
