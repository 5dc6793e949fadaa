import type { ClaimedEvent, ClaimRequest } from "@popp-webhooks/inbox";
import { assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, claimWhenDue, retryIn, settled } from "../claim-and-settle.ts";
import { keyOf, newEvent, SOURCE } from "../new-event.ts";
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
  {
    name: "an event whose claims crashed too often becomes dead",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      for (let attempt = 1; attempt <= 3; attempt++) {
        const { claimed } = await claimWhenDue(store, event, { leaseMs: 1, maxCrashes: 3 });
        assertSame(
          "the attempt",
          [claimed.state, claimed.attempts, claimed.crashes],
          ["processing", attempt, attempt - 1],
        );
      }
      const { claimed, lease } = await claimWhenDue(store, event, { maxCrashes: 3 });
      assertSame("the fourth claim", [claimed.state, claimed.attempts, claimed.crashes], ["dead", 3, 3]);
      assertSame("settling it", await store.settle(lease, settled.done), false);
      assertSame("claiming it again", await store.claim(claimOf()), []);
      const stored = await store.get(event.key);
      assertSame("its state", [stored?.state, stored?.dueAtMs, stored?.note], ["dead", null, "abandoned"]);
    },
  },
  {
    name: "counts failures and crashes apart",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      await store.settle((await claimOne(store, event)).lease, retryIn(0));
      await claimOne(store, event, { leaseMs: 1 });
      const { claimed } = await claimWhenDue(store, event);
      assertSame("attempts and crashes", [claimed.attempts, claimed.crashes], [3, 1]);
      assertSame("the time of the claim", claimed.claimedAtMs, (await store.get(event.key))?.startedAtMs);
    },
  },
  {
    name: "claims an abandoned event only after its wait, by key too",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      await claimOne(store, event, { leaseMs: 1 });
      await pause(20);
      const crashWaitsMs = [60_000, 0];
      assertSame("after the first crash", await store.claim(claimOf({ crashWaitsMs })), []);
      assertSame("by key", await store.claim(claimOf({ crashWaitsMs, key: event.key })), []);
      await claimOne(store, event, { leaseMs: 1 });
      await pause(20);
      assertSame("after the second crash", (await store.claim(claimOf({ crashWaitsMs, leaseMs: 1 }))).length, 1);
      await pause(20);
      assertSame("the last number is for all that follow", (await store.claim(claimOf({ crashWaitsMs }))).length, 1);
    },
  },
  {
    name: "claims only the names that are asked for",
    async run({ store }) {
      const [one, other, third] = [newEvent({ name: "ONE" }), newEvent({ name: "OTHER" }), newEvent({ name: "THIRD" })];
      for (const event of [one, other, third]) await store.accept(event);
      const keys = async (request: Partial<ClaimRequest>) =>
        (await store.claim(claimOf(request))).map(({ key }) => key);
      assertSame("by key", await keys({ key: one.key, onlyNames: ["OTHER"] }), []);
      assertSame("by key, without its name", await keys({ key: one.key, exceptNames: ["ONE"] }), []);
      assertSame("no names", await keys({ onlyNames: [] }), []);
      assertSame("two names without one", await keys({ onlyNames: ["OTHER", "THIRD"], exceptNames: ["THIRD"] }), [
        other.key,
      ]);
      assertSame("all but one", await keys({ exceptNames: ["ONE"] }), [third.key]);
      assertSame("the rest", await keys({}), [one.key]);
    },
  },
  {
    name: "does not claim names that are paused",
    async run({ store, connect }) {
      const [paused, free, elsewhere] = [
        newEvent({ name: "PAUSED" }),
        newEvent({ name: "FREE" }),
        newEvent({ name: "PAUSED", source: "another" }),
      ];
      for (const event of [paused, free, elsewhere]) await store.accept(event);
      await store.pause(SOURCE, "PAUSED");
      await store.pause(SOURCE, "PAUSED");
      const other = await connect();
      assertSame("what stats say", (await other.stats(SOURCE)).paused, ["PAUSED"]);
      assertSame("by key", await other.claim(claimOf({ key: paused.key })), []);
      const keys = async (request: Partial<ClaimRequest>) =>
        (await other.claim(claimOf(request))).map(({ key }) => key);
      assertSame("the free one", await keys({}), [free.key]);
      assertSame("of another source", await keys({ source: "another" }), [elsewhere.key]);
      await store.resume(SOURCE, "PAUSED");
      await store.resume(SOURCE, "NEVER_PAUSED");
      assertSame("after the pause", await keys({}), [paused.key]);
      assertSame("no pause is left", (await store.stats(SOURCE)).paused, []);
    },
  },
  {
    name: "claims one event of an order key at a time",
    async run({ store, connect }) {
      const [orderKey, other] = [keyOf("an order"), await connect()];
      const ordered = Array.from({ length: 6 }, (_, orderAtMs) => newEvent({ orderKey, orderAtMs }));
      const free = newEvent();
      for (const event of [...ordered, free]) await store.accept(event);
      const keys = (events: readonly ClaimedEvent[]) => events.map(({ key }) => key);
      const request = claimOf();
      assertSame("the first of the key, and the one without", keys(await store.claim(request)), [
        ordered[0]?.key,
        free.key,
      ]);
      assertSame("nothing more", await other.claim(claimOf()), []);
      assertSame("not by key either", await other.claim(claimOf({ key: ordered[1]?.key ?? "" })), []);
      await store.settle({ key: ordered[0]?.key ?? "", token: request.token }, retryIn(60_000));
      assertSame("the second", keys(await other.claim(claimOf({ leaseMs: 1 }))), [ordered[1]?.key]);
      await pause(20);
      const [next] = await store.claim(claimOf({ which: "waiting" }));
      assertSame("the third, once the lease has ended", next?.key, ordered[2]?.key);
      assertSame("the abandoned one waits", await store.claim(claimOf({ which: "abandoned" })), []);
    },
  },
  {
    name: "gives one event of an order key to one of 100 concurrent claims",
    async run({ store, connect }) {
      const [orderKey, other] = [keyOf("a race"), await connect()];
      const events = Array.from({ length: 100 }, (_, orderAtMs) => newEvent({ orderKey, orderAtMs }));
      await Promise.all(events.map((event) => store.accept(event)));
      const claims = await Promise.all(
        events.map(({ key }, at) =>
          (at % 2 === 0 ? store : other).claim(claimOf(at % 3 === 0 ? { key } : { limit: 2 })),
        ),
      );
      assertSame("how many were claimed", claims.flat().length, 1);
    },
  },
];
