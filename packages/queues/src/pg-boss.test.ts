import { RetryLaterError } from "@popp-webhooks/inbox";
import pg from "pg";
import { type JobWithMetadata, PgBoss } from "pg-boss";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { describeQueue, type Engine } from "../test/describe-queue.ts";
import { DATABASE_URL, hasPostgres, ownName } from "../test/services.ts";
import { freePort, sendTwenty, stage } from "../test/stage.ts";
import { pgBossQueue, toPgBossHandler } from "./pg-boss.ts";

interface OwnBoss {
  readonly boss: PgBoss;
  count(...states: string[]): Promise<number>;
  /** Makes delayed jobs due. */
  runDelayed(): Promise<void>;
  /** Stops the workers and deletes the jobs. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Starts pg-boss in a schema of its own. The tests share it, because creating its tables takes longer than most of them. */
async function openBoss(): Promise<OwnBoss> {
  const schema = ownName();
  const boss = new PgBoss({ connectionString: DATABASE_URL, schema, supervise: false, schedule: false, max: 10 });
  boss.on("error", () => {});
  await boss.start();
  await boss.createQueue("popp");
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 2 });
  return {
    boss,
    count: async (...states) => {
      const { rows } = await pool.query(`SELECT COUNT(*) AS count FROM ${schema}.job WHERE state::text = ANY($1)`, [
        states,
      ]);
      return Number(rows[0].count);
    },
    runDelayed: async () =>
      void (await pool.query(`UPDATE ${schema}.job SET start_after = now() WHERE state < 'active'`)),
    clear: async () => {
      await boss.offWork("popp");
      await boss.deleteAllJobs("popp");
    },
    close: async () => {
      await boss.stop({ graceful: false });
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

let own: OwnBoss;

async function open(): Promise<Engine> {
  const { boss, count, runDelayed, clear } = own;
  const queue = pgBossQueue(boss);
  return {
    queue,
    work: async (inbox) => {
      const options = { batchSize: 100, pollingIntervalSeconds: 0.5 };
      const id = await boss.work("popp", options, toPgBossHandler(inbox, queue));
      return async () => void (await boss.offWork("popp", { id }));
    },
    addAnother: async (message) => {
      // The join: a poisoned message is an object like any other to pg-boss.
      await boss.send("popp", message as object);
    },
    loseAll: async () => void (await boss.deleteAllJobs("popp")),
    waiting: () => count("created", "retry", "active"),
    runDelayed,
    kept: () => count("completed", "failed"),
    close: clear,
  };
}

describe.skipIf(!(await hasPostgres()))("on a server", () => {
  beforeAll(async () => {
    own = await openBoss();
  });
  afterAll(() => own.close());

  describeQueue("pg-boss", open);

  describe("a queue of pg-boss", () => {
    const ref = { source: "popp", key: "5".repeat(32) };
    afterEach(() => own.clear());

    const only = async (): Promise<JobWithMetadata> => {
      const [job, ...others] = await own.boss.findJobs<object>("popp");
      expect(others).toEqual([]);
      if (job === undefined) throw new Error("there is no job");
      return job;
    };

    it("gets one job, with only the reference, for 200 concurrent wake-ups of one event", async () => {
      const queue = pgBossQueue(own.boss);
      await Promise.all(Array.from({ length: 200 }, () => queue.enqueue(ref)));
      expect(await only()).toMatchObject({ data: ref, state: "created", retryLimit: 10, retryBackoff: true });
    });

    it("delays a job by the database's clock, and a wake-up without a delay does not move it", async () => {
      const queue = pgBossQueue(own.boss, { job: { retryLimit: 3 } });
      await queue.enqueue(ref, { delayMs: 60_500 });
      const { startAfter, createdOn, retryLimit } = await only();
      expect([startAfter.getTime() - createdOn.getTime(), retryLimit]).toEqual([60_500, 3]);
      await queue.enqueue(ref);
      expect((await only()).startAfter).toEqual(startAfter);
      await queue.enqueue(ref, { delayMs: 0 });
      expect((await only()).startAfter.getTime()).toBeLessThan(startAfter.getTime() - 50_000);
    });

    it("makes a job due now that waits for a retry", async () => {
      const queue = pgBossQueue(own.boss, { job: { retryDelay: 3_600, retryBackoff: false } });
      let isDown = true;
      const inbox = {
        process: async () => {
          if (isDown) throw new Error("the store is down");
          return "done" as const;
        },
      };
      await queue.enqueue(ref);
      await own.boss.work("popp", { pollingIntervalSeconds: 0.5 }, toPgBossHandler(inbox, queue));
      await expect.poll(() => own.count("retry")).toBe(1);
      isDown = false;
      await queue.enqueue(ref, { delayMs: 0 });
      await expect.poll(() => own.count("completed")).toBe(1);
      expect(await only()).toMatchObject({ state: "completed", retryCount: 1 });
    });

    it("tells how to create a missing queue", async () => {
      await expect(pgBossQueue(own.boss, { name: "other" }).enqueue(ref)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining('await boss.createQueue("other")'),
      });
    });

    it("handles an event later without failing its job", async () => {
      const queue = pgBossQueue(own.boss, { job: { retryLimit: 0 } });
      let calls = 0;
      const inbox = {
        process: async () => {
          if (++calls <= 2) throw new RetryLaterError(100);
          return "done" as const;
        },
      };
      await queue.enqueue(ref);
      await own.boss.work("popp", { pollingIntervalSeconds: 0.5 }, toPgBossHandler(inbox, queue));
      await expect.poll(() => own.count("completed")).toBe(3);
      expect([calls, await own.count("failed", "retry", "created")]).toEqual([3, 0]);
    });

    it("fails a batch when the store fails, and handles its events later", async () => {
      const queue = pgBossQueue(own.boss, { job: { retryDelay: 0, retryBackoff: false } });
      const keys = ["1", "2", "3"].map((digit) => digit.repeat(32));
      const calls: string[] = [];
      let isDown = true;
      const inbox = {
        process: async (data: unknown) => {
          const { key } = data as typeof ref;
          calls.push(key);
          if (key !== keys[1] || !isDown) return "done" as const;
          isDown = false;
          throw new Error("the store is down");
        },
      };
      for (const key of keys) await queue.enqueue({ source: "popp", key });
      await own.boss.work("popp", { batchSize: 3, pollingIntervalSeconds: 0.5 }, toPgBossHandler(inbox, queue));
      await expect.poll(() => own.count("completed")).toBe(3);
      expect([...calls].sort()).toEqual([...keys, ...keys].sort());
    });
  });
});

it("answers at once with 200 when Postgres is unreachable", async () => {
  const boss = new PgBoss({ host: "127.0.0.1", port: await freePort(), supervise: false, schedule: false });
  boss.on("error", () => {});
  const { send, close, errors, receiving } = stage(pgBossQueue(boss), {});
  await sendTwenty(send);
  await expect.poll(() => errors.length).toBe(20);
  expect(errors[0]).toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect((await receiving.stats()).counts.received).toBe(20);
  await close();
});
