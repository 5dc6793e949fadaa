import type { OverdueEvent, OverdueQuery } from "@popp-webhooks/inbox";
import { assert, assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOne, retryIn, settled } from "../claim-and-settle.ts";
import { keyOf, newEvent, SOURCE } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

const everything: OverdueQuery = { source: SOURCE, lateMs: 0, after: null, limit: 100 };

/** Rules for finding events whose wake-up was lost. */
export const overdueCases: readonly StoreCase[] = [
  {
    name: "finds only events that are overdue and not claimed",
    async run({ store }) {
      const [waiting, failed, abandoned, ...rest] = Array.from({ length: 7 }, () => newEvent());
      const [held, later, done, dead] = rest;
      if (!(waiting && failed && abandoned && held && later && done && dead)) throw new Error("expected seven events");
      for (const event of [waiting, failed, abandoned, held, later, done, dead]) await store.accept(event);
      await store.accept(newEvent({ source: "another" }));
      await store.reject(newEvent(), 10);
      await store.settle((await claimOne(store, failed)).lease, retryIn(0));
      await claimOne(store, abandoned, { leaseMs: 1 });
      await claimOne(store, held);
      await store.settle((await claimOne(store, later)).lease, retryIn(60_000));
      await store.settle((await claimOne(store, done)).lease, settled.done);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      assertSame("before anything is overdue", await store.overdue({ ...everything, lateMs: 60_000 }), []);
      await pause(300);
      const fresh = newEvent();
      await store.accept(fresh);
      const late = await store.overdue({ ...everything, lateMs: 200 });
      // On a slow machine the fresh event is overdue as well; its `lateMs` is checked below.
      const others = late.filter(({ key }) => key !== fresh.key);
      assertSame(
        "the overdue keys",
        others.map(({ key }) => key).sort(),
        [waiting.key, failed.key, abandoned.key].sort(),
      );
      for (const { dueAtMs, lateMs } of late) {
        assert(lateMs >= 200 && lateMs < 60_000, `expected lateMs between 200 and 60000, but received ${lateMs}`);
        assert(
          Math.abs(dueAtMs + lateMs - Date.now()) < 60_000,
          `expected dueAtMs + lateMs to be about now, but dueAtMs is ${dueAtMs}`,
        );
      }
      assertSame("the attempt of a later claim", (await claimOne(store, waiting)).claimed.attempts, 1);
    },
  },
  {
    name: "pages through overdue events in order of due time, each once",
    async run({ store }) {
      const first = Array.from({ length: 30 }, () => newEvent());
      await Promise.all(first.map((event) => store.accept(event)));
      await pause(30);
      const second = Array.from({ length: 30 }, (_, index) => newEvent({ key: keyOf(`late ${index}`) }));
      await Promise.all(second.map((event) => store.accept(event)));
      const seen: OverdueEvent[] = [];
      for (;;) {
        const page: readonly OverdueEvent[] = await store.overdue({
          ...everything,
          after: seen.at(-1) ?? null,
          limit: 7,
        });
        assert(page.length <= 7, `expected at most 7 events, but received ${page.length}`);
        if (page.length === 0) break;
        seen.push(...page);
      }
      const keys = seen.map(({ key }) => key);
      const firstKeys = new Set(first.map(({ key }) => key));
      assertSame("the number of events and of distinct events", [keys.length, new Set(keys).size], [60, 60]);
      assertSame(
        "the number of older events in the first half",
        keys.slice(0, 30).filter((key) => firstKeys.has(key)).length,
        30,
      );
      for (const [index, { key, dueAtMs }] of seen.entries()) {
        const next = seen[index + 1];
        if (next === undefined) break;
        assert(
          dueAtMs < next.dueAtMs || (dueAtMs === next.dueAtMs && key < next.key),
          `expected events in order of due time, but number ${index} is not`,
        );
      }
    },
  },
  {
    name: "reports when an open event is due, by the store's clock",
    async run({ store }) {
      const [event, other] = [newEvent(), newEvent()];
      assertSame("an unknown event", await store.dueInMs(event.key), null);
      await store.accept(event);
      await store.accept(other);
      await pause(30);
      const waiting = (await store.dueInMs(event.key)) ?? 0;
      assert(
        waiting <= -20 && waiting > -60_000,
        `expected between -60000 and -20 for a due event, but received ${waiting}`,
      );
      const { lease } = await claimOne(store, event, { leaseMs: 30_000 });
      const held = (await store.dueInMs(event.key)) ?? 0;
      assert(held > 20_000 && held <= 30_000, `expected the rest of the 30 s lease, but received ${held}`);
      await store.settle(lease, retryIn(90_000));
      const later = (await store.dueInMs(event.key)) ?? 0;
      assert(later > 80_000 && later <= 90_000, `expected the rest of the 90 s delay, but received ${later}`);
      await store.settle((await claimOne(store, other)).lease, settled.done);
      assertSame("a finished event", await store.dueInMs(other.key), null);
    },
  },
];
