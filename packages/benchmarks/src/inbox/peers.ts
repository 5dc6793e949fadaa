import type { Result } from "../result.ts";
import { bullmq, type Contender, graphileWorker, inboxes, type Open, pgBoss } from "./contenders.ts";
import { type Delivered, deliveryOf } from "./million/population.ts";
import { count, percentile } from "./million/timing.ts";

const IN_FLIGHT = 64;
const EVENTS = 2_000;

/** Who is compared with whom, and the least that the ratio of their rates may be. */
interface Match {
  readonly ours: keyof typeof inboxes;
  readonly peer: string;
  readonly open: Open;
  readonly atLeast?: number;
}

const HANDLED: readonly Match[] = [
  { ours: "SQLite", peer: "BullMQ", open: bullmq, atLeast: 1 },
  { ours: "Redis", peer: "BullMQ", open: bullmq, atLeast: 1 },
  { ours: "Postgres", peer: "graphile-worker", open: graphileWorker, atLeast: 1 },
  { ours: "Postgres", peer: "pg-boss, work", open: pgBoss, atLeast: 1 },
];

/** Compares the inbox with job queues, round by round: from storing events, 64 at a time, to the end of their handlers. */
export async function peers(rounds: number, progress: (text: string) => void): Promise<Result[]> {
  const results: Result[] = [];
  const measure = async (what: string, match: Match, rate: Rate) => {
    const name = `${what}: ${match.ours} and ${match.peer}`;
    progress(name);
    try {
      results.push(await compared(what, match, rate, rounds));
    } catch (error) {
      console.error(`\n${name}: left out: ${error instanceof Error ? error.message : error}`);
    }
  };
  for (const match of HANDLED)
    await measure("stored and handled per second, 2 kB, 64 at a time", match, handledPerSecond);
  const stored = { ours: "Postgres", open: pgBoss, atLeast: 1 } as const;
  await measure("stored per second, 2 kB, 64 at a time", { ...stored, peer: "pg-boss, send" }, storedPerSecond);
  await measure(
    "stored per second, 2 kB, 64 at a time",
    { ...stored, peer: "pg-boss, insert of 64" },
    insertedPerSecond,
  );
  return results;
}

type Rate = (open: Open) => Promise<number>;

/** Each round measures both, in turns: what slows the machine then slows both. */
async function compared(
  what: string,
  { ours, peer, open, atLeast }: Match,
  rate: Rate,
  rounds: number,
): Promise<Result> {
  const [own, other, ratios]: [number[], number[], number[]] = [[], [], []];
  for (let round = -1; round < rounds; round++) {
    const mine = await rate(inboxes[ours]);
    const theirs = await rate(open);
    if (round < 0) continue;
    own.push(mine);
    other.push(theirs);
    ratios.push(mine / theirs);
  }
  for (const values of [own, other, ratios]) values.sort((a, b) => a - b);
  const median = percentile(ratios, 0.5);
  return {
    what: `${ours}: ${what} (${count(percentile(own, 0.5))})`,
    against: `${peer} (${count(percentile(other, 0.5))})`,
    measured: median.toFixed(2),
    spread: [0.25, 0.75].map((share) => percentile(ratios, share).toFixed(2)).join("–"),
    ...(atLeast !== undefined && { target: `≥ ${atLeast}`, met: median >= atLeast }),
  };
}

async function handledPerSecond(open: Open): Promise<number> {
  const jobs = newJobs();
  let [handled, over] = [0, () => {}];
  const all = new Promise<void>((resolve) => {
    over = resolve;
  });
  const contender = await open(() => {
    if (++handled === jobs.length) over();
  });
  return timed(contender, jobs, async () => {
    await storeEach(contender, jobs);
    await all;
  });
}

async function storedPerSecond(open: Open): Promise<number> {
  const [contender, jobs] = [await open(), newJobs()];
  return timed(contender, jobs, () => storeEach(contender, jobs));
}

/** A contender that stores many with one call does so; the others store as many at a time. */
async function insertedPerSecond(open: Open): Promise<number> {
  const [contender, jobs] = [await open(), newJobs()];
  const { addMany } = contender;
  return timed(contender, jobs, async () => {
    if (addMany === undefined) return storeEach(contender, jobs);
    for (let at = 0; at < jobs.length; at += IN_FLIGHT) await addMany(jobs.slice(at, at + IN_FLIGHT));
  });
}

async function timed(contender: Contender, jobs: readonly Delivered[], work: () => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await contender.close();
  return jobs.length / seconds;
}

async function storeEach({ add }: Contender, jobs: readonly Delivered[]): Promise<void> {
  const waiting = jobs.values();
  const lane = async () => {
    for (const job of waiting) await add(job);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/** Created before the clock starts. */
function newJobs(): Delivered[] {
  return Array.from({ length: EVENTS }, (_, at) => deliveryOf(at, EVENTS));
}
