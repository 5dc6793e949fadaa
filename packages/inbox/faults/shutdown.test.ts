import { afterEach, describe, expect, it } from "vitest";
import { agentOf, deliver, type SignedEvent, signedEvent } from "./delivery.ts";
import { note } from "./findings.ts";
import { each, until, wait } from "./patience.ts";
import { scaled } from "./scale.ts";
import { type Stage, stageOf } from "./stage.ts";

let stage: Stage;
afterEach(() => stage.end());

const COUNTS = "SELECT COUNT(*) AS effects, COUNT(DISTINCT id) AS events FROM effects";
const OPEN = "SELECT COUNT(*) FROM popp_inbox_event WHERE due_at IS NOT NULL";

interface Roll {
  readonly minEvents: number;
  /** The least number of processes that are replaced, all under load. */
  readonly minReplaced: number;
}

/** Delivers events while one process after another takes over, as in a deployment: the new process starts first, then the old one is told to end. */
async function roll(
  signal: "SIGTERM" | "SIGKILL",
  { minEvents, minReplaced }: Roll,
): Promise<{ readonly count: number; readonly failed: number; readonly exits: readonly (number | null)[] }> {
  stage = stageOf();
  const options = { behavior: "effect", leaseMs: 60_000 } as const;
  const agent = agentOf(16);
  let worker = await stage.start(options);
  let [count, failed, isOver] = [0, 0, false];
  const exits: (number | null)[] = [];

  function* deliveries(): Generator<SignedEvent> {
    while (count < minEvents || exits.length < minReplaced) yield signedEvent(`evt_${count++}`);
  }
  const rolling = (async () => {
    for (;;) {
      await wait(200);
      if (isOver) break;
      const old = worker;
      worker = await stage.start(options);
      // The load balancer has switched; earlier deliveries are still being answered.
      if (signal === "SIGTERM") await wait(150);
      old.kill(signal);
      exits.push(await old.exited);
      if (signal === "SIGKILL") stage.endLeases();
    }
  })();
  await each(deliveries(), 16, async (event) => {
    while ((await deliver(agent, worker.port, event)) !== 200) {
      failed++;
      await wait(20);
    }
  });
  isOver = true;
  await rolling;
  agent.destroy();
  await until("nothing is left to be done", () => stage.number(OPEN) === 0);
  return { count, failed, exits };
}

describe("processes that are replaced under load", () => {
  it("lose nothing, run nothing twice and reset no connection", async (context) => {
    const [minEvents, minReplaced] = [scaled(5_000, 10_000, 100_000), scaled(4, 10, 50)];
    const { count, failed, exits } = await roll("SIGTERM", { minEvents, minReplaced });
    expect(stage.rows(COUNTS)).toEqual([{ effects: count, events: count }]);
    note(context, `${exits.length} processes replaced, ${count} events, ${count} runs, ${failed} connections reset`);
    expect(stage.rows("SELECT DISTINCT state, attempts FROM popp_inbox_event")).toEqual([
      { state: "done", attempts: 1 },
    ]);
    expect([failed, new Set(exits)]).toEqual([0, new Set([0])]);
    expect(exits.length).toBeGreaterThanOrEqual(minReplaced);
  });

  it("would run some twice if they were killed instead", async () => {
    const { count } = await roll("SIGKILL", { minEvents: 2_000, minReplaced: 5 });
    const { effects, events } = stage.rows(COUNTS)[0] ?? {};
    expect(events).toBe(count);
    expect(Number(effects)).toBeGreaterThan(count);
  });
});

describe("a process that only receives", () => {
  const receiving = { behavior: "nothing", handles: false, leaseMs: 5_000 } as const;

  async function fill(count: number): Promise<void> {
    const { port } = await stage.start(receiving);
    const agent = agentOf(16);
    const events = Array.from({ length: count }, (_, index) => signedEvent(`evt_${index}`));
    await each(events, 16, async (event) => expect(await deliver(agent, port, event)).toBe(200));
    agent.destroy();
  }

  it("has its events handled by another process without a wake-up", async () => {
    stage = stageOf();
    await stage.start({ behavior: "effect", leaseMs: 5_000 });
    await fill(2_000);
    await until("nothing is left to be done", () => stage.number(OPEN) === 0);
    expect(stage.rows(COUNTS)).toEqual([{ effects: 2_000, events: 2_000 }]);
  });

  it("would leave them unhandled if the other process waited for a wake-up", async () => {
    stage = stageOf();
    await stage.start({ behavior: "effect", leaseMs: 5_000, pollMs: 600_000 });
    await fill(50);
    await wait(2_000);
    expect(stage.number(OPEN)).toBe(50);
  });
});
