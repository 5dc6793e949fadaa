import type { ClaimedEvent, ClaimRequest } from "@popp-webhooks/inbox";
import { assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOf, claimOne, claimWhenDue, retryIn, settled } from "../claim-and-settle.ts";
import { keyOf, newEvent, SOURCE } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

/** Rules for what a claim leaves alone: crashes that wait, names, pauses and orders. */
export const claimLimitCases: readonly StoreCase[] = [
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
