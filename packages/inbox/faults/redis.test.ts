import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { createInbox } from "../src/index.ts";
import { redisStore } from "../src/redis.ts";
import { note } from "./findings.ts";
import { hasRedis, REDIS_URL, removeKeys } from "./keyspace.ts";
import { DURABLE, hasRedisProgram, type OwnRedis, ownRedis } from "./own-redis.ts";
import { scaled } from "./scale.ts";
import { type Answer, answerTo, deliverSteadily, type ServerStage, serverStageOf } from "./server-stage.ts";
import { agentOf, each, signedEvent, until, wait } from "./stage.ts";

const COPIES = 1_000;
const ABREAST = 256;
const FAILURES = [
  ["gone", "redis"],
  ["frozen", "redis"],
  ["gone", "node-redis"],
  ["frozen", "node-redis"],
] as const;
const [AROUND_S, FAILS_S] = [scaled(2, 3, 5), scaled(5, 10, 10)];

let stage: ServerStage | undefined;
let server: OwnRedis | undefined;
let used: { readonly namespace: string; readonly url: string } | undefined;

function setUp(url: string) {
  const set = serverStageOf();
  const where = { url, namespace: `popp-test-${randomBytes(6).toString("hex")}` };
  [stage, used] = [set, where];
  return { stage: set, where };
}

afterEach(async () => {
  await stage?.end();
  if (used !== undefined) await removeKeys(used.namespace, used.url);
  await server?.end();
  [stage, used, server] = [undefined, undefined, undefined];
});

/** How many events are in a state, as the store counts them. */
async function count({ url, namespace }: { readonly url: string; readonly namespace: string }, state: string) {
  const client = new Redis(url);
  try {
    return await client.zcard(`{${namespace}}:of:popp:state:${state}`);
  } finally {
    client.disconnect();
  }
}

/** Waits until so many events are in a state. */
async function becomes(where: Parameters<typeof count>[0], state: string, expected: number): Promise<void> {
  let last: number | undefined;
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      last = await count(where, state);
      await wait(50);
    }
  })();
  await until(`${expected} are ${state}`, () => last === expected).finally(() => {
    isDone = true;
  });
  await asking;
}

describe.skipIf(!(await hasRedis()))("processes on one Redis", () => {
  it("answer 1 000 deliveries of one event at once with 200, and run its handler once", {
    timeout: 120_000,
  }, async (context) => {
    const { stage, where } = setUp(REDIS_URL);
    const options = { ...where, kind: "redis", allowDataLoss: true, deed: "nothing", leaseMs: 30_000 } as const;
    const workers = await Promise.all([stage.start(options), stage.start(options)]);
    const agent = agentOf(ABREAST);
    const answers: Answer[] = [];
    for (let at = 0; at < 5; at++) {
      const event = signedEvent(`evt_${at}`);
      const copies = Array.from({ length: COPIES }, (_, copy) => workers[copy % 2]?.port ?? 0);
      await each(copies, ABREAST, async (port) => void answers.push(await answerTo(agent, port, event)));
    }
    agent.destroy();
    const runs = () => workers.flatMap(({ lines }) => lines.flatMap(({ ran }) => ran ?? []));
    await until("each has run", () => runs().length >= 5);
    await wait(300);
    expect(runs().sort()).toEqual(["evt_0", "evt_1", "evt_2", "evt_3", "evt_4"]);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    note(
      context,
      `5 events, ${answers.length} answers of 200, 5 runs, the slowest answer after ${slowest(answers)} ms`,
    );
  });

  it("take the events of one that is frozen over, and its say with them", { timeout: 60_000 }, async (context) => {
    const { stage, where } = setUp(REDIS_URL);
    const options = { ...where, kind: "redis", allowDataLoss: true } as const;
    const slow = { deed: "slow", slowMs: 4_000, leaseMs: 600, concurrency: 100 } as const;
    const frozen = await stage.start({ ...options, ...slow });
    const agent = agentOf(16);
    const events = Array.from({ length: 100 }, (_, at) => signedEvent(`evt_${at}`, at % 2 ? "slow" : "wait for abort"));
    await each(events, 16, async (event) => expect((await answerTo(agent, frozen.port, event)).status).toBe(200));
    agent.destroy();
    await becomes(where, "processing", 100);
    frozen.kill("SIGSTOP");
    await wait(1_800);
    const heir = await stage.start({ ...options, deed: "nothing", isStubborn: true, leaseMs: 60_000, pollMs: 10 });
    await becomes(where, "done", 100);
    frozen.kill("SIGCONT");
    await until("it was told", () => frozen.lines.filter(({ reason }) => reason === "LeaseLost").length >= 50);
    // Time for the handlers that ended while it was frozen to be settled, if that were possible.
    await wait(slow.slowMs);
    expect(frozen.lines.filter(({ state }) => state !== undefined)).toEqual([]);
    expect(heir.lines.filter(({ state }) => state === "done").length).toBe(100);
    note(context, "100 events taken over once, none settled by the process that was frozen");
  });
});

describe.skipIf(!hasRedisProgram())("a Redis of one's own", () => {
  it.for(FAILURES.slice(0, scaled(2, 4, 4)))(
    "that is %s for a while under 200 deliveries a second loses nothing that was answered with 200 (%s)",
    { timeout: 120_000 },
    async ([failure, kind], context) => {
      const own = await ownRedis(DURABLE);
      server = own;
      const { stage, where } = setUp(own.url);
      const worker = await stage.start({ ...where, kind, deed: "nothing", leaseMs: 5_000 });
      const agent = agentOf(2_000);
      const events = Array.from({ length: 200 * (AROUND_S + FAILS_S + AROUND_S) }, (_, at) => signedEvent(`evt_${at}`));
      const failing = (async () => {
        await wait(AROUND_S * 1_000);
        await (failure === "gone" ? own.crash() : own.freeze());
        await wait(FAILS_S * 1_000);
        await (failure === "gone" ? own.start() : own.thaw());
      })();
      const answers = await deliverSteadily(agent, worker.port, { events, perSecond: 200 });
      await failing;
      const again = events.filter((_, at) => answers[at]?.status !== 200);
      await each(again, 16, async (event) => {
        while ((await answerTo(agent, worker.port, event)).status !== 200) await wait(100);
      });
      agent.destroy();
      await becomes(where, "done", events.length);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
      expect(answers.filter(({ status, retryAfter }) => status === 503 && retryAfter !== "5")).toEqual([]);
      expect(slowest(answers)).toBeLessThan(2_500);
      expect(again.length).toBeGreaterThan(FAILS_S * 50);
      note(
        context,
        `${answers.length} answers, ${FAILS_S} s without it, ${again.length} answers of 503, the slowest after ${slowest(answers)} ms; 0 lost`,
      );
    },
  );

  it("would lose what it has acknowledged without an append-only file, which is why it is refused", {
    timeout: 60_000,
  }, async () => {
    const own = await ownRedis([]);
    server = own;
    const { stage, where } = setUp(own.url);
    const unsafe = { ...where, kind: "redis", allowDataLoss: true } as const;
    const worker = await stage.start({ ...unsafe, deed: "nothing", leaseMs: 5_000, dispatches: false });
    const agent = agentOf(16);
    const events = Array.from({ length: 200 }, (_, at) => signedEvent(`evt_${at}`));
    await each(events, 16, async (event) => expect((await answerTo(agent, worker.port, event)).status).toBe(200));
    agent.destroy();
    await own.crash();
    await own.start();
    expect(await count(where, "received")).toBe(0);
  });

  it.each([
    ["keeps no append-only file", ["--appendonly", "no"], "appendonly yes"],
    ["leaves the disk to the system", ["--appendonly", "yes", "--appendfsync", "no"], "appendfsync"],
    ["evicts keys", [...DURABLE, "--maxmemory-policy", "allkeys-lru"], "noeviction"],
    [
      "forbids CONFIG, and keeps no append-only file",
      ["--appendonly", "no", "--rename-command", "CONFIG", ""],
      "appendonly yes",
    ],
  ])("is refused when it %s, with the setting that is wrong", async (_, settings, named) => {
    server = await ownRedis(settings);
    const client = new Redis(server.url);
    const failed = await redisStore(client)
      .open()
      .catch((error: unknown) => error);
    client.disconnect();
    expect(failed).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining(named) });
  });

  it.each([
    ["always", DURABLE, "power-loss"],
    ["every second", ["--appendonly", "yes", "--appendfsync", "everysec"], "process"],
    ["always, and forbids CONFIG", [...DURABLE, "--rename-command", "CONFIG", ""], "process"],
  ])("is taken when it writes %s, and says what that promises", async (_, settings, durability) => {
    server = await ownRedis(settings);
    const client = new Redis(server.url);
    const inbox = createInbox({ store: redisStore(client), on: {} });
    expect(inbox.durability).toBe("none");
    await inbox.stats();
    expect(inbox.durability).toBe(durability);
    client.disconnect();
  });
});

function slowest(answers: readonly Answer[]): number {
  return Math.round(Math.max(...answers.map(({ tookMs }) => tookMs)));
}
