import { randomBytes } from "node:crypto";
import { createInbox, type DurableInbox } from "@popp-webhooks/inbox";
import { eventNames } from "@popp-webhooks/testing";
import { Queue, Worker } from "bullmq";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { Redis } from "ioredis";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { type Engine, postgres, redis, sqlite } from "./million/engines.ts";
import type { Delivered } from "./million/population.ts";

/** How many handlers each of them runs at a time, and how many jobs it fetches at once. */
const CONCURRENCY = 64;

const connectionString = process.env.DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/test";

/** What stores jobs and handles them in the same process. */
export interface Contender {
  /** Stores one job. */
  readonly add: (job: Delivered) => Promise<unknown>;
  /** Stores many jobs with one call. */
  readonly addMany?: (jobs: readonly Delivered[]) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Opens a contender that calls `handled` for each job, or one that only stores them when `handled` is missing. */
export type Open = (handled?: () => void) => Promise<Contender>;

/** The inbox on each of its stores. */
export const inboxes: Readonly<Record<"SQLite" | "Postgres" | "Redis", Open>> = {
  SQLite: (handled) => inbox(sqlite, handled),
  Postgres: (handled) => inbox(postgres, handled),
  Redis: (handled) => inbox(redis, handled),
};

async function inbox(create: () => Promise<Engine>, handled?: () => void): Promise<Contender> {
  const engine = await create();
  const on = handled && Object.fromEntries(eventNames.map((name) => [name, () => handled()]));
  const store = engine.store();
  await store.open();
  const opened: DurableInbox = createInbox({ store, on: on ?? "elsewhere", concurrency: CONCURRENCY });
  if (on) opened.start();
  return {
    add: ({ delivery, event }) => opened.deliver(delivery, event, {}),
    close: async () => {
      await opened.close();
      await engine.remove();
    },
  };
}

/** BullMQ on Redis, with its retries. */
export const bullmq: Open = async (handled) => {
  const connection = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379", { maxRetriesPerRequest: null });
  const name = `popp-${randomBytes(6).toString("hex")}`;
  const queue = new Queue(name, { connection, defaultJobOptions: { attempts: 8, backoff: { type: "exponential" } } });
  const worker = handled && new Worker(name, async () => handled(), { connection, concurrency: CONCURRENCY });
  await worker?.waitUntilReady();
  return {
    add: (job) => queue.add(job.event.event, dataOf(job), { jobId: job.event.eventId ?? "" }),
    close: async () => {
      await worker?.close();
      await queue.obliterate({ force: true });
      await queue.close();
      await connection.quit();
    },
  };
};

/** pg-boss, which is notified of new jobs, and fetches the next batch at once while batches are full. */
export const pgBoss: Open = async (handled) => {
  const schema = schemaName();
  const boss = new PgBoss({ connectionString, schema, schedule: false, max: 10, useListenNotify: true });
  boss.on("error", () => {});
  await boss.start();
  await boss.createQueue("popp", { retryLimit: 8, retryBackoff: true, notify: true });
  const work = async (jobs: readonly unknown[]) => {
    for (const _ of jobs) handled?.();
  };
  if (handled)
    await boss.work("popp", { batchSize: CONCURRENCY, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, work);
  return {
    add: (job) => boss.send("popp", dataOf(job)),
    addMany: (jobs) =>
      boss.insert(
        "popp",
        jobs.map((job) => ({ data: dataOf(job) })),
      ),
    close: async () => {
      await boss.stop({ graceful: false });
      await dropSchema(schema);
    },
  };
};

/** graphile-worker, which is notified of new jobs and fetches many at once. */
export const graphileWorker: Open = async (handled) => {
  const schema = schemaName();
  const utils = await makeWorkerUtils({ connectionString, schema, maxPoolSize: 10 });
  await utils.migrate();
  const runner =
    handled &&
    (await run({
      preset: {
        worker: {
          connectionString,
          schema,
          concurrentJobs: CONCURRENCY,
          maxPoolSize: 10,
          localQueue: { size: CONCURRENCY },
          completeJobBatchDelay: 0,
        },
      },
      noHandleSignals: true,
      logger: SILENT,
      taskList: { popp: async () => handled() },
    }));
  return {
    add: (job) => utils.addJob("popp", dataOf(job)),
    close: async () => {
      await runner?.stop();
      await utils.release();
      await dropSchema(schema);
    },
  };
};

const SILENT = new Logger(() => () => {});

function schemaName(): string {
  return `popp_${randomBytes(6).toString("hex")}`;
}

async function dropSchema(schema: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
}

/** The body as text, as an application puts it into a job. */
function dataOf({ delivery }: Delivered): { readonly body: string } {
  return { body: new TextDecoder().decode(delivery.body) };
}
