import { setTimeout as sleep } from "node:timers/promises";
import type { DurableInbox, InboxStore } from "@popp-webhooks/inbox";
import type { Result } from "../../result.ts";
import type { Opened } from "./fill.ts";
import { deliveryOf, ERASED } from "./population.ts";
import { count, longestPause, ms, pauseOf, percentile, timed } from "./timing.ts";

/** Redrives what is dead, and erases a person. Both are measured once. */
export async function redriveAndErase(inbox: DurableInbox, store: string): Promise<Result[]> {
  const results: Result[] = [];
  const once = async (what: string, work: () => Promise<number>, atMostS?: number) => {
    let [events, tookMs] = [0, 0];
    const pauseMs = await longestPause(async () => {
      tookMs = await timed(async () => {
        events = await work();
      });
    });
    results.push({
      what: `${what} ${count(events)} events`,
      against: store,
      measured: `${(tookMs / 1_000).toFixed(2)} s`,
      spread: "once",
      ...(atMostS !== undefined && { target: `≤ ${atMostS} s`, met: tookMs <= atMostS * 1_000 }),
    });
    if (store.startsWith("SQLite")) results.push(pauseOf(`${what} ${count(events)}`, store, pauseMs));
  };
  await once("redrive of", async () => (await inbox.redrive({ state: "dead" })).redriven, 5);
  await once("erase of", async () => (await inbox.erase({ about: ERASED })).erased);
  return results;
}

const PER_SECOND = 200;

interface Steady {
  readonly stop: () => Promise<{ readonly p99: number; readonly sent: number; readonly refused: number }>;
}

/** Delivers at a steady rate until told to stop. A delivery that could not start in time counts from when it was due. */
function deliverSteadily(inbox: DurableInbox, from: number, total: number): Steady {
  const times: number[] = [];
  const running: Promise<void>[] = [];
  let [sent, refused, isOver] = [0, 0, false];
  const startedAtMs = performance.now();
  const dueOf = (at: number) => startedAtMs + (at * 1_000) / PER_SECOND;
  const one = async (dueAtMs: number) => {
    const { delivery, event } = deliveryOf(from + sent++, total);
    try {
      await inbox.deliver(delivery, event, {});
    } catch {
      refused++;
    }
    times.push(performance.now() - dueAtMs);
  };
  const sending = (async () => {
    while (!isOver) {
      for (let dueAtMs = dueOf(sent); dueAtMs <= performance.now(); dueAtMs = dueOf(sent)) running.push(one(dueAtMs));
      await sleep(1);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await sending;
      await Promise.all(running);
      return {
        p99: percentile(
          times.sort((a, b) => a - b),
          0.99,
        ),
        sent,
        refused,
      };
    },
  };
}

/** How many events one call of the store prunes: as many as an inbox asks for. */
const STEP = 200;

/** Prunes every body of a handled event, beside deliveries. Returns how many bodies and deliveries there were. */
export async function prune(
  { inbox, store }: Opened,
  name: string,
  total: number,
  progress: (done: number) => void,
): Promise<{ readonly results: Result[]; readonly pruned: number; readonly sent: number }> {
  const before = deliverSteadily(inbox, total, total);
  await sleep(10_000);
  const without = await before.stop();
  const beside = deliverSteadily(inbox, total + without.sent, total);
  let [pruned, tookMs] = [0, 0];
  const pauseMs = await longestPause(async () => {
    tookMs = await timed(async () => {
      pruned = await pruneAll(store, progress);
    });
  });
  const during = await beside.stop();
  const results: Result[] = [
    {
      what: `prune of ${count(pruned)} bodies, ${PER_SECOND} deliveries per second beside it`,
      against: name,
      measured: `${count((pruned * 1_000) / tookMs)} per second`,
      spread: "once",
    },
    {
      what: "p99 of deliveries beside a prune",
      against: `${name}, without: ${ms(without.p99)}`,
      measured: ms(during.p99),
      spread: `${during.refused} of ${count(during.sent)} refused`,
      target: "≤ 2 ×, none refused",
      met: during.refused === 0 && during.p99 <= 2 * without.p99,
    },
    ...(name.startsWith("SQLite") ? [pauseOf("prune and deliveries", name, pauseMs)] : []),
  ];
  return { results, pruned, sent: without.sent + during.sent };
}

/** A thousand years. */
const NEVER_MS = 365_000 * 86_400_000;

async function pruneAll(store: InboxStore<unknown>, progress: (done: number) => void): Promise<number> {
  const ages = { bodiesOlderThanMs: 0, deadOlderThanMs: NEVER_MS, rowsOlderThanMs: NEVER_MS };
  for (let pruned = 0; ; ) {
    const { bodies } = await store.prune({ source: "popp", ...ages, limit: STEP });
    pruned += bodies;
    progress(pruned);
    if (bodies < STEP) return pruned;
  }
}
