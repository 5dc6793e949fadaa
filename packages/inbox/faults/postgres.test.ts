import { afterEach, describe, expect, it } from "vitest";
import { DATABASE_URL, hasPostgres, type TestSchema, testSchema } from "./database.ts";
import { pgClient } from "./database-clients.ts";
import { note } from "./findings.ts";
import { type OwnPostgres, ownPostgres, postgresPrograms } from "./own-postgres.ts";
import { scaled } from "./scale.ts";
import { type Answer, answerTo, deliverSteadily, type ServerStage, serverStageOf } from "./server-stage.ts";
import { agentOf, each, signedEvent, until, wait } from "./stage.ts";

const COPIES = 1_000;
/** So many of them at a time: more would wait longer for the one row than a store may take. */
const ABREAST = 256;
const FAILURES = [
  ["gone", "postgres"],
  ["frozen", "postgres"],
  ["gone", "postgres.js"],
  ["frozen", "postgres.js"],
] as const;
const [AROUND_S, FAILS_S] = [scaled(2, 3, 5), scaled(5, 10, 10)];

let [schema, stage]: [TestSchema | undefined, ServerStage | undefined] = [undefined, undefined];
let server: OwnPostgres | undefined;

async function setUp(url = DATABASE_URL) {
  const [made, set] = [await testSchema(url), serverStageOf()];
  [schema, stage] = [made, set];
  return { schema: made, stage: set, where: { url, namespace: made.name } };
}

afterEach(async () => {
  await stage?.end();
  await schema?.drop();
  await server?.end();
  [schema, stage, server] = [undefined, undefined, undefined];
});

async function number(from: TestSchema, sql: string): Promise<number> {
  return Number(Object.values((await from.rows(sql))[0] ?? {})[0]);
}

/** Waits until a query gives a number. */
async function becomes(from: TestSchema, sql: string, expected: number): Promise<void> {
  let last: number | undefined;
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      last = await number(from, sql);
      await wait(50);
    }
  })();
  await until(`${sql} gives ${expected}`, () => last === expected).finally(() => {
    isDone = true;
  });
  await asking;
}

describe.skipIf(!(await hasPostgres()))("processes on one Postgres", () => {
  it("answer 1 000 deliveries of one event at once with 200, and run its handler once", {
    timeout: 120_000,
  }, async (context) => {
    const { stage, where } = await setUp();
    const options = { ...where, kind: "postgres", deed: "nothing", leaseMs: 30_000 } as const;
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
    const { schema, stage, where } = await setUp();
    const frozen = await stage.start({
      ...where,
      kind: "postgres",
      deed: "slow",
      slowMs: 1_500,
      leaseMs: 600,
      concurrency: 100,
    });
    const agent = agentOf(16);
    const events = Array.from({ length: 100 }, (_, at) => signedEvent(`evt_${at}`, at % 2 ? "slow" : "wait for abort"));
    await each(events, 16, async (event) => expect((await answerTo(agent, frozen.port, event)).status).toBe(200));
    agent.destroy();
    await becomes(schema, "SELECT COUNT(*) FROM popp_inbox WHERE state = 'processing'", 100);
    frozen.kill("SIGSTOP");
    await wait(1_800);
    await stage.start({ ...where, kind: "postgres", deed: "nothing", isStubborn: true, leaseMs: 60_000, pollMs: 10 });
    await becomes(schema, "SELECT COUNT(*) FROM popp_inbox WHERE state = 'done'", 100);
    frozen.kill("SIGCONT");
    await until("it was told", () => frozen.lines.filter(({ reason }) => reason === "LeaseLost").length >= 50);
    // Time for the handlers that ended while it was frozen to be settled, if that were possible.
    await wait(500);
    expect(frozen.lines.filter(({ state }) => state !== undefined)).toEqual([]);
    expect(
      await schema.rows("SELECT state, fence, attempts, COUNT(*)::INT AS count FROM popp_inbox GROUP BY 1, 2, 3"),
    ).toEqual([{ state: "done", fence: "2", attempts: "2", count: 100 }]);
    note(context, "100 events taken over once, none settled by the process that was frozen");
  });
});

const programs = postgresPrograms();

describe.skipIf(programs === undefined)("a Postgres of one's own", () => {
  /** Delivers 200 events a second, lets the server fail for most of the time, and delivers again what was not answered with 200. */
  async function through(kind: "postgres" | "postgres.js", failure: "gone" | "frozen") {
    const own = await ownPostgres(programs ?? "");
    server = own;
    const { schema, stage, where } = await setUp(own.url);
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
    await becomes(schema, "SELECT COUNT(*) FROM popp_inbox WHERE state = 'done'", events.length);
    return { answers, again: again.length };
  }

  it.for(FAILURES.slice(0, scaled(2, 4, 4)))(
    "that is %s for a while under 200 deliveries a second loses nothing that was answered with 200 (%s)",
    { timeout: 120_000 },
    async ([failure, kind], context) => {
      const { answers, again } = await through(kind, failure);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
      expect(answers.filter(({ status, retryAfter }) => status === 503 && retryAfter !== "5")).toEqual([]);
      expect(slowest(answers)).toBeLessThan(2_500);
      expect(again).toBeGreaterThan(FAILS_S * 50);
      note(
        context,
        `${answers.length} answers, ${FAILS_S} s without it, ${again} answers of 503, the slowest after ${slowest(answers)} ms; 0 lost`,
      );
    },
  );

  it("would lose some if it answered before its disk had them, which is why it is refused", {
    timeout: 60_000,
  }, async () => {
    const own = await ownPostgres(programs ?? "", ["synchronous_commit=off", "wal_writer_delay=10s"]);
    server = own;
    const { schema, stage, where } = await setUp(own.url);
    const unsafe = { ...where, kind: "postgres", allowUnsafeCommit: true } as const;
    const worker = await stage.start({ ...unsafe, deed: "nothing", leaseMs: 5_000, dispatches: false });
    const agent = agentOf(16);
    const events = Array.from({ length: 200 }, (_, at) => signedEvent(`evt_${at}`));
    await each(events, 16, async (event) => expect((await answerTo(agent, worker.port, event)).status).toBe(200));
    agent.destroy();
    await own.crash();
    await own.start();
    expect(await number(schema, "SELECT COUNT(*) FROM popp_inbox")).toBeLessThan(200);
  });

  it("is refused when its fsync is off", { timeout: 60_000 }, async () => {
    server = await ownPostgres(programs ?? "", ["fsync=off"]);
    const client = await pgClient((await setUp(server.url)).schema);
    const failed = await client.store.open().catch((error: unknown) => error);
    await client.end();
    expect(failed).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining("fsync=off") });
  });
});

function slowest(answers: readonly Answer[]): number {
  return Math.round(Math.max(...answers.map(({ tookMs }) => tookMs)));
}
