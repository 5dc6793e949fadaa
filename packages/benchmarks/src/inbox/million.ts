import type { InboxStore } from "@popp-webhooks/inbox";
import type { Result } from "../result.ts";
import { acceptAll, EVENTS, newEvent, perSecond } from "./accept.ts";
import { prune, redriveAndErase } from "./million/changes.ts";
import { type Engine, postgres, redis, sqlite } from "./million/engines.ts";
import { fill, handle, type Opened, opened } from "./million/fill.ts";
import { coldLists, lists } from "./million/lists.ts";
import { count, percentile } from "./million/timing.ts";

/** How many events become dead, to be redriven: never more than this, nor than this share of the handled ones. */
const DEAD = { most: 10_000, share: 0.1 } as const;

const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = { SQLite: sqlite, Postgres: postgres, Redis: redis };

/**
 * Measures lists, counts, redrives, erasures, prunes and accepts of large stores. A server that is not there is left out.
 *
 * @param events - how many events SQLite and Postgres hold; Redis holds at most 300,000, as they are in memory
 * @param only - the name of one store
 */
export async function million(events: number, progress: (text: string) => void, only?: string): Promise<Result[]> {
  const results: Result[] = [];
  for (const [name, create] of Object.entries(ENGINES)) {
    if (only !== undefined && name !== only) continue;
    let small: Engine;
    try {
      small = await create();
    } catch (error) {
      console.error(`\n${name} is not there, and is left out: ${error instanceof Error ? error.message : error}`);
      continue;
    }
    results.push(
      ...(await removed(small, progress, async () => {
        const { inbox, store } = await opened(small);
        const accepted = await acceptRate(store, `${name}, small`);
        await inbox.close();
        return [accepted];
      })),
    );
    const engine = await create();
    const total = name === "Redis" ? Math.min(events, 300_000) : events;
    const part = (text: string) => progress(`${name}: ${text}`);
    results.push(...(await removed(engine, progress, () => measured(engine, total, part))));
  }
  return results;
}

/** Works with an engine, and removes its data in any case. */
async function removed<T>(engine: Engine, progress: (text: string) => void, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    progress(`${engine.name}: removing its data`);
    await engine.remove();
  }
}

async function measured(engine: Engine, total: number, progress: (text: string) => void): Promise<Result[]> {
  const name = `${engine.name}, ${count(total)}`;
  const results: Result[] = [];
  const add = (added: readonly Result[]) => {
    results.push(...added);
    // One run takes long: whoever waits sees what there is.
    for (const { what, measured, spread = "" } of added) progress(`${what}: ${measured} (${spread})\n`);
  };
  const handled = total / 2;

  const empty = await opened(engine);
  await engine.prepare?.();
  const done = (what: string) => (events: number) => progress(`${what} ${count(events)}`);
  add([rate("filling it: deliveries stored", name, await fill(empty.inbox, [0, handled, total], done("filled")))]);
  const half = new Date();
  await fill(empty.inbox, [handled, total, total], done("filled half and"));
  await empty.inbox.close();
  const dead = Math.min(DEAD.most, handled * DEAD.share);
  add([rate("handling half of it", name, await handle(engine, { events: handled, dead }, done("handled")))]);

  let now = await opened(engine);
  progress("lists");
  const label = engine.analyze ? `${name}, never analyzed` : name;
  add(await lists(now.inbox, label, { total, half }));
  if (engine.analyze !== undefined) {
    await engine.analyze();
    add(await lists(now.inbox, `${name}, analyzed`, { total, half }));
  }
  await now.inbox.close();
  add(await coldLists(engine, name, total));

  now = await opened(engine);
  progress("redrive and erase");
  add(await redriveAndErase(now.inbox, name));
  const beside = await prune(now, name, total, done("pruned"));
  add(beside.results);
  now = await grown(engine, now, { ...beside, name, total, add }, done("filled again"));
  progress("accept");
  add([await acceptRate(now.store, name)]);
  await now.inbox.close();
  return results;
}

/** Delivers as many new events as were pruned, and measures how much the file grows by each. */
async function grown(
  engine: Engine,
  { inbox }: Opened,
  {
    pruned,
    sent,
    name,
    total,
    add,
  }: {
    readonly pruned: number;
    readonly sent: number;
    readonly name: string;
    readonly total: number;
    readonly add: (results: readonly Result[]) => void;
  },
  progress: (done: number) => void,
): Promise<Opened> {
  await inbox.close();
  if (engine.bytes === undefined) return opened(engine);
  const before = engine.bytes();
  const filling = await opened(engine);
  await fill(filling.inbox, [total + sent, total + sent + pruned, total], progress);
  await filling.inbox.close();
  const kilobytes = (engine.bytes() - before) / pruned / 1_000;
  add([
    {
      what: "growth of the file after a prune, for each of as many new events of 2 kB",
      against: `${name}, ${(before / 1e9).toFixed(2)} GB`,
      measured: `${kilobytes.toFixed(2)} kB`,
      target: "≤ 0.6 kB",
      met: kilobytes <= 0.6,
    },
  ]);
  return opened(engine);
}

/** Of a source of its own: no list of the others shows them. */
async function acceptRate(store: InboxStore<unknown>, name: string): Promise<Result> {
  const rates: number[] = [];
  for (let round = -1; round < 10; round++) {
    const events = Array.from({ length: EVENTS }, () => ({ ...newEvent(), source: "other" }));
    const accepted = await perSecond(() => acceptAll(store, events));
    if (round >= 0) rates.push(accepted);
  }
  rates.sort((a, b) => a - b);
  return rate("accept: events per second, 256 in flight", name, percentile(rates, 0.5), rates[0]);
}

function rate(what: string, against: string, perSecond: number, slowest?: number): Result {
  return { what, against, measured: count(perSecond), spread: slowest === undefined ? "once" : count(slowest) };
}
