import { assert, assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

/** What claiming promises. */
export const claimCases: readonly StoreCase[] = [
  {
    name: "gives out what was accepted, the oldest first, as far as asked for",
    async run({ store }) {
      const events = Array.from({ length: 5 }, () => newEvent());
      for (const event of events) {
        await store.accept(event);
        await pause(3);
      }
      const keys = events.map(({ key }) => key);
      const first = await store.claim(claimOf({ limit: 2 }));
      assertSame(
        "the first two",
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
        "the rest",
        (await store.claim(claimOf())).map(({ key }) => key),
        keys.slice(2),
      );
      assertSame("nothing more", await store.claim(claimOf()), []);
    },
  },
  {
    name: "gives one event to one of 1,000 concurrent claims",
    async run({ store, connect }) {
      const [event, other] = [newEvent(), await connect()];
      await store.accept(event);
      const claims = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) =>
          (index % 2 === 0 ? store : other).claim(claimOf({ key: event.key })),
        ),
      );
      assertSame("how many got it", claims.filter((claimed) => claimed.length > 0).length, 1);
    },
  },
  {
    name: "gives 500 events to 20 claimants, each once",
    async run({ store, connect }) {
      const other = await connect();
      await Promise.all(Array.from({ length: 500 }, () => store.accept(newEvent())));
      const seen: string[] = [];
      const claimant = async (handle: typeof store): Promise<void> => {
        const claimed = await handle.claim(claimOf({ limit: 7 }));
        seen.push(...claimed.map(({ key }) => key));
        if (claimed.length > 0) await claimant(handle);
      };
      await Promise.all(Array.from({ length: 20 }, (_, index) => claimant(index % 2 === 0 ? store : other)));
      assertSame("how many were claimed, and how many of them distinct", [seen.length, new Set(seen).size], [500, 500]);
    },
  },
  {
    name: "claims by key what is due, and nothing else",
    async run({ store }) {
      const [one, other] = [newEvent(), newEvent()];
      await store.accept(one);
      await store.accept(other);
      const { claimed } = await claimOne(store, other);
      assertSame("what was claimed", claimed.key, other.key);
      assertSame("claimed again", await store.claim(claimOf({ key: other.key })), []);
      assertSame("what was never accepted", await store.claim(claimOf({ key: newEvent().key })), []);
    },
  },
  {
    name: "keeps the events of two sources apart",
    async run({ store }) {
      const [one, other] = [newEvent(), newEvent({ source: "another" })];
      await store.accept(one);
      await store.accept(other);
      assertSame("by key", await store.claim(claimOf({ key: other.key })), []);
      assertSame(
        "of one",
        (await store.claim(claimOf())).map(({ key }) => key),
        [one.key],
      );
      assertSame(
        "of the other",
        (await store.claim(claimOf({ source: "another" }))).map(({ key }) => key),
        [other.key],
      );
    },
  },
  {
    name: "does not give out what the claimant excludes, though its lease is over",
    async run({ store }) {
      const [running, waiting] = [newEvent(), newEvent()];
      await store.accept(running);
      await claimOne(store, running, { leaseMs: 1 });
      await store.accept(waiting);
      await pause(40);
      const exclude = [running.key];
      assertSame("by key", await store.claim(claimOf({ exclude, key: running.key })), []);
      assertSame(
        "what is due",
        (await store.claim(claimOf({ exclude }))).map(({ key }) => key),
        [waiting.key],
      );
      assertSame(
        "without excluding",
        (await store.claim(claimOf())).map(({ key }) => key),
        [running.key],
      );
    },
  },
  {
    name: "gives out what was abandoned apart from what waits",
    async run({ store }) {
      const [abandoned, failed, held, fresh] = [newEvent(), newEvent(), newEvent(), newEvent()];
      for (const event of [abandoned, failed, held, fresh]) await store.accept(event);
      await claimOne(store, abandoned, { leaseMs: 1 });
      await store.settle((await claimOne(store, failed)).lease, retryIn(0));
      await claimOne(store, held);
      await pause(40);
      const keys = async (which: "waiting" | "abandoned", leaseMs: number, limit = 100) =>
        (await store.claim(claimOf({ which, limit, leaseMs }))).map(({ key }) => key).sort();
      assertSame("what waits", await keys("waiting", 1), [failed.key, fresh.key].sort());
      assertSame("waiting, claimed again", await keys("waiting", 1), []);
      await pause(40);
      const all = [abandoned.key, failed.key, fresh.key];
      const one = await keys("abandoned", 60_000, 1);
      assertSame("one of those abandoned", [one.length, all.includes(one[0] ?? "")], [1, true]);
      assertSame("the others", await keys("abandoned", 1), all.filter((key) => key !== one[0]).sort());
      await pause(40);
      const byKey = await store.claim(claimOf({ which: "waiting", key: all.find((key) => key !== one[0]) ?? null }));
      assertSame("by key, whichever it is", byKey.length, 1);
    },
  },
  {
    name: "buries an event whose attempts are used up, even if nobody lived to say that they failed",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      for (let attempt = 1; attempt <= 3; attempt++) {
        const { claimed } = await claimOne(store, event, { leaseMs: 1, maxAttempts: 3 });
        assertSame("the attempt", [claimed.state, claimed.attempts], ["processing", attempt]);
        await pause(30);
      }
      const { claimed, lease } = await claimOne(store, event, { maxAttempts: 3 });
      assertSame("the burial", [claimed.state, claimed.attempts], ["dead", 3]);
      assertSame("settling it", await store.settle(lease, settled.done), false);
      assertSame("claiming it again", await store.claim(claimOf()), []);
      const stored = await store.get(event.key);
      assertSame("where it stands", [stored?.state, stored?.dueAtMs], ["dead", null]);
      assert(stored?.note !== null, "expected a note that says why it is dead");
    },
  },
];
