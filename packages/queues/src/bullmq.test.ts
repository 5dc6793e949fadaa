import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RetryLaterError } from "@popp-webhooks/inbox";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { describeQueue, type Engine } from "../test/describe-queue.ts";
import { ownQueue } from "../test/own-queue.ts";
import { hasRedis, hasRedisServer } from "../test/services.ts";
import { freePort, sendTwenty, stage } from "../test/stage.ts";
import { bullmqQueue, toBullmqProcessor } from "./bullmq.ts";

const WAKE_GRACE_MS = 500;

async function open(): Promise<Engine> {
  const { queue, work } = ownQueue();
  return {
    queue: bullmqQueue(queue),
    work: async (inbox) => {
      const worker = await work(inbox);
      return () => worker.close();
    },
    addAnother: async (message) => void (await queue.add("another", message)),
    loseAll: () => queue.obliterate({ force: true }),
    runDelayed: () => queue.promoteJobs(),
    waiting: () => queue.getJobCountByTypes("wait", "active", "delayed", "prioritized"),
    kept: () => queue.getJobCountByTypes("completed", "failed"),
    close: async () => {},
  };
}

describe.skipIf(!(await hasRedis()))("on a server", () => {
  describeQueue("BullMQ", open);

  it("adds one job, with only the reference, for 1,000 concurrent wake-ups of one event", async () => {
    const { queue } = ownQueue();
    const ref = { source: "popp", key: "5".repeat(32) };
    await Promise.all(Array.from({ length: 1_000 }, () => bullmqQueue(queue).enqueue(ref)));
    const [job, ...others] = await queue.getJobs();
    expect([job?.name, job?.data, job?.opts.attempts, others]).toEqual(["popp-event", ref, 10, []]);
  });

  it("passes the name, retention, attempts and delay to BullMQ", async () => {
    const { queue } = ownQueue();
    const wake = bullmqQueue(queue, { jobName: "mine", job: { attempts: 3, removeOnComplete: true } });
    await wake.enqueue({ source: "popp", key: "5".repeat(32) }, { delayMs: 60_000 });
    const [job] = await queue.getDelayed();
    expect(job?.name).toBe("mine");
    expect(job?.opts).toMatchObject({
      attempts: 3,
      delay: 60_000,
      removeOnComplete: true,
      removeOnFail: { age: 604_800 },
    });
  });

  it("replaces a delayed or retrying job only when the delay is 0", async () => {
    const { queue, work } = ownQueue();
    const hour = 3_600_000;
    const wake = bullmqQueue(queue, { job: { backoff: { type: "fixed", delay: hour } } });
    const ref = { source: "popp", key: "5".repeat(32) };
    await wake.enqueue(ref, { delayMs: hour });
    await wake.enqueue(ref);
    expect(await queue.getDelayedCount()).toBe(1);
    await wake.enqueue(ref, { delayMs: 0 });
    await wake.enqueue(ref, { delayMs: 0 });
    expect(await queue.getJobCounts("delayed", "waiting")).toEqual({ delayed: 0, waiting: 1 });
    let isDown = true;
    await work({
      process: async () => {
        if (isDown) throw new Error("the store is down");
        return "done";
      },
    });
    await expect.poll(() => queue.getDelayedCount()).toBe(1);
    isDown = false;
    await wake.enqueue(ref, { delayMs: 0 });
    await expect.poll(() => queue.getCompletedCount()).toBe(1);
    expect(await queue.getJobCountByTypes("delayed", "wait", "active")).toBe(0);
  });

  it("delays a job without failing it and without using an attempt", async () => {
    const { queue, work } = ownQueue();
    const failures: string[] = [];
    let calls = 0;
    const inbox = {
      process: async () => {
        if (++calls <= 3) throw new RetryLaterError(30);
        return "done" as const;
      },
    };
    const worker = await work(inbox);
    for (const event of ["failed", "error"] as const) worker.on(event, () => failures.push(event));
    await bullmqQueue(queue, { job: { attempts: 1 } }).enqueue({ source: "popp", key: "5".repeat(32) });
    await expect.poll(() => queue.getCompletedCount()).toBe(1);
    const [job] = await queue.getCompleted();
    expect([calls, failures, job?.attemptsMade, job?.returnvalue]).toEqual([4, [], 1, "done"]);
  });

  it("fails a job only when the store fails, and the next wake-up still handles its event", async () => {
    const { queue, work } = ownQueue();
    const wake = bullmqQueue(queue, { job: { attempts: 2, backoff: { type: "fixed", delay: 10 } } });
    const ref = { source: "popp", key: "5".repeat(32) };
    let calls = 0;
    const inbox = {
      process: async () => {
        if (++calls <= 2) throw new Error("the store is down");
        return "done" as const;
      },
    };
    await work(inbox);
    await wake.enqueue(ref);
    await expect.poll(() => queue.getFailedCount()).toBe(1);
    await wake.enqueue(ref);
    await expect.poll(() => queue.getCompletedCount()).toBe(1);
    expect([calls, await queue.getFailedCount()]).toEqual([3, 1]);
  });
});

// Each of them waits for timeouts.
describe.concurrent("a Redis that is unreachable or frozen", () => {
  it.each([
    ["gone, with BullMQ's defaults", { enableOfflineQueue: true }],
    ["gone, with no offline queue", { enableOfflineQueue: false }],
  ])("never delays or fails the answer: %s", async (_, options) => {
    const client = new Redis({ host: "127.0.0.1", port: await freePort(), ...options });
    client.on("error", () => {});
    const queue = new Queue("popp", { connection: client });
    queue.on("error", () => {});
    const { send, close, errors, receiving } = stage(bullmqQueue(queue), {});
    await sendTwenty(send);
    await expect.poll(() => errors.length).toBe(20);
    expect(errors[0]).toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect((await receiving.stats()).counts.received).toBe(20);
    await close();
    client.disconnect();
  });

  it.skipIf(!hasRedisServer())(
    "never delays or fails the answer, and delays the event only: frozen, and back again",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "popp-redis-"));
      const ownPort = await freePort();
      const server = spawn("redis-server", ["--port", `${ownPort}`, "--dir", folder, "--save", ""], {
        stdio: "ignore",
      });
      try {
        const own = { host: "127.0.0.1", port: ownPort };
        const queue = new Queue("popp", { connection: own });
        queue.on("error", () => {});
        await queue.waitUntilReady();
        const { send, close, working, receiving, untilDone, runs } = stage(bullmqQueue(queue), {
          wakeGraceMs: WAKE_GRACE_MS,
        });
        const worker = new Worker("popp", toBullmqProcessor(working), { connection: own, concurrency: 16 });
        worker.on("error", () => {});
        await worker.waitUntilReady();
        receiving.start();
        server.kill("SIGSTOP");
        await sendTwenty(send);
        // The events are overdue, so that the inbox enqueues them again.
        await expect.poll(async () => (await receiving.stats()).oldestDueMs).toBeGreaterThan(WAKE_GRACE_MS);
        server.kill("SIGCONT");
        await untilDone(20);
        expect(runs).toHaveLength(20);
        await worker.close();
        await close();
        await queue.close();
      } finally {
        await ended(server);
        rmSync(folder, { recursive: true });
      }
    },
  );
});

async function ended(server: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGKILL");
  await exited;
}
