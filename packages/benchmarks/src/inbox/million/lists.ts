import { execFileSync } from "node:child_process";
import type { DurableInbox, ListFilter } from "@popp-webhooks/inbox";
import type { Result } from "../../result.ts";
import type { Engine } from "./engines.ts";
import { opened } from "./fill.ts";
import { idsOf, NAMES } from "./population.ts";
import { longestPause, milliseconds, ms, pauseOf, percentile, timed } from "./timing.ts";

const HOUR_MS = 3_600_000;

function filters(total: number, half: Date): Readonly<Record<string, ListFilter>> {
  const { recordId, candidateId } = idsOf(Math.floor(total / 7), total);
  return {
    "without a filter": {},
    "by state: done": { state: "done" },
    "by state: dead": { state: "dead" },
    "by state: received": { state: "received" },
    "by event: frequent": { event: NAMES.frequent },
    "by event: 20 in all": { event: NAMES.rare },
    "by event: absent": { event: NAMES.absent },
    "by state and event: done, 20 in all": { state: "done", event: NAMES.rare },
    "by record id": { recordId },
    "by about": { about: candidateId },
    "since an hour": { since: new Date(Date.now() - HOUR_MS) },
    "since tomorrow": { since: new Date(Date.now() + 24 * HOUR_MS) },
    "until half of them had come": { until: half },
  };
}

/** The first page of each list, and the counts. */
export async function lists(
  inbox: DurableInbox,
  store: string,
  { total, half }: { readonly total: number; readonly half: Date },
): Promise<Result[]> {
  const results: Result[] = [];
  const pauseMs = await longestPause(async () => {
    for (const [what, filter] of Object.entries(filters(total, half)))
      results.push(await milliseconds(`first page of events ${what}`, store, 50, () => inbox.page(filter)));
    results.push(await milliseconds("stats()", store, 20, () => inbox.stats()));
  });
  return store.startsWith("SQLite") ? [...results, pauseOf("lists and stats", store, pauseMs)] : results;
}

/** By about, and by a rare name, of a file that is in no cache: Linux drops what it has of it. */
export async function coldLists(engine: Engine, store: string, total: number): Promise<Result[]> {
  if (engine.path === undefined || process.platform !== "linux") return [];
  const results: Result[] = [];
  const { candidateId } = idsOf(Math.floor(total / 3), total);
  for (const [what, filter] of Object.entries({
    about: { about: candidateId },
    "a rare event": { event: NAMES.rare },
  })) {
    const times: number[] = [];
    for (let round = 0; round < 10; round++) {
      execFileSync("dd", [`if=${engine.path}`, "iflag=nocache", "count=0", "status=none"]);
      const { inbox } = await opened(engine);
      times.push(await timed(() => inbox.page(filter)));
      await inbox.close();
    }
    times.sort((a, b) => a - b);
    const [median, slowest] = [percentile(times, 0.5), percentile(times, 1)];
    results.push({
      what: `first page of events by ${what}, cold file`,
      against: store,
      measured: ms(median),
      spread: ms(slowest),
      target: "≤ 150 ms",
      met: median <= 150,
    });
  }
  return results;
}
