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

/** What claiming promises. */
export const claimCases: readonly StoreCase[] = [
  {
    name: "gives out what was accepted, the oldest first, as far as asked for",
    async run({ store }) {
      const events = Array.from({ length: 5 }, () => newEvent());
      for (const event of events) {
        await store.accept(event);
        await wait(3);
      }
      const keys = events.map(({ key }) => key);
      const first = await store.claim(claimOf({ limit: 2 }));
      demandSame(
        "the first two",
        first.map(({ key }) => key),
        keys.slice(0, 2),
      );
      demandSame(
        "their state and attempts",
        first.map(({ state, attempts }) => [state, attempts]),
        [
          ["processing", 1],
          ["processing", 1],
        ],
      );
      demandSame(
        "the rest",
        (await store.claim(claimOf())).map(({ key }) => key),
        keys.slice(2),
      );
      demandSame("nothing more", await store.claim(claimOf()), []);
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
      demandSame("how many got it", claims.filter((claimed) => claimed.length > 0).length, 1);
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
      demandSame("how many were claimed, and how many of them distinct", [seen.length, new Set(seen).size], [500, 500]);
    },
  },
  {
    name: "claims by key what is due, and nothing else",
    async run({ store }) {
      const [one, other] = [newEvent(), newEvent()];
      await store.accept(one);
      await store.accept(other);
      const { claimed } = await claimOne(store, other);
      demandSame("what was claimed", claimed.key, other.key);
      demandSame("claimed again", await store.claim(claimOf({ key: other.key })), []);
      demandSame("what was never accepted", await store.claim(claimOf({ key: newEvent().key })), []);
    },
  },
  {
    name: "keeps the events of two sources apart",
    async run({ store }) {
      const [one, other] = [newEvent(), newEvent({ source: "another" })];
      await store.accept(one);
      await store.accept(other);
      demandSame("by key", await store.claim(claimOf({ key: other.key })), []);
      demandSame(
        "of one",
        (await store.claim(claimOf())).map(({ key }) => key),
        [one.key],
      );
      demandSame(
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
      await wait(40);
      const exclude = [running.key];
      demandSame("by key", await store.claim(claimOf({ exclude, key: running.key })), []);
      demandSame(
        "what is due",
        (await store.claim(claimOf({ exclude }))).map(({ key }) => key),
        [waiting.key],
      );
      demandSame(
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
      await wait(40);
      const keys = async (which: "waiting" | "abandoned", leaseMs: number, limit = 100) =>
        (await store.claim(claimOf({ which, limit, leaseMs }))).map(({ key }) => key).sort();
      demandSame("what waits", await keys("waiting", 1), [failed.key, fresh.key].sort());
      demandSame("waiting, claimed again", await keys("waiting", 1), []);
      await wait(40);
      const all = [abandoned.key, failed.key, fresh.key];
      const one = await keys("abandoned", 60_000, 1);
      demandSame("one of those abandoned", [one.length, all.includes(one[0] ?? "")], [1, true]);
      demandSame("the others", await keys("abandoned", 1), all.filter((key) => key !== one[0]).sort());
      await wait(40);
      const byKey = await store.claim(claimOf({ which: "waiting", key: all.find((key) => key !== one[0]) ?? null }));
      demandSame("by key, whichever it is", byKey.length, 1);
    },
  },
  {
    name: "buries an event whose attempts are used up, even if nobody lived to say that they failed",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      for (let attempt = 1; attempt <= 3; attempt++) {
        const { claimed } = await claimOne(store, event, { leaseMs: 1, maxAttempts: 3 });
        demandSame("the attempt", [claimed.state, claimed.attempts], ["processing", attempt]);
        await wait(30);
      }
      const { claimed, lease } = await claimOne(store, event, { maxAttempts: 3 });
      demandSame("the burial", [claimed.state, claimed.attempts], ["dead", 3]);
      demandSame("settling it", await store.settle(lease, settled.done), false);
      demandSame("claiming it again", await store.claim(claimOf()), []);
      const stored = await store.get(event.key);
      demandSame("where it stands", [stored?.state, stored?.dueAtMs], ["dead", null]);
      demand(stored?.note !== null, "expected a note that says why it is dead");
    },
  },
];
