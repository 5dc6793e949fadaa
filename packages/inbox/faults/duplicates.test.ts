import { afterEach, describe, expect, it } from "vitest";
import { agentOf, deliver, signedEvent } from "./delivery.ts";
import { note } from "./findings.ts";
import { each, until } from "./patience.ts";
import { scaled } from "./scale.ts";
import { type Stage, stageOf } from "./stage.ts";
import type { WorkerOptions } from "./worker.ts";

let stage: Stage;
afterEach(() => stage.end());

const OPEN = "SELECT COUNT(*) FROM popp_inbox_event WHERE due_at IS NOT NULL";
const RUNS = "SELECT COUNT(*) AS runs, COUNT(DISTINCT id) AS events FROM effects";
const COPIES = 1_000;

/** Delivers each event 1,000 times at the same time, alternating between two processes, and returns the statuses. */
async function flood(count: number, flaw?: WorkerOptions["flaw"]): Promise<ReadonlyMap<number, number>> {
  stage = stageOf();
  const options = { behavior: "effect", leaseMs: 30_000, ...(flaw && { flaw }) } as const;
  const workers = await Promise.all([stage.start(options), stage.start(options)]);
  const agent = agentOf(128);
  const statuses = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const event = signedEvent(`evt_${at}`);
    const copies = Array.from({ length: COPIES }, (_, copy) => workers[copy % workers.length]?.port ?? 0);
    await each(copies, 128, async (port) => {
      const status = await deliver(agent, port, event);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
  }
  agent.destroy();
  await until("nothing is left to be done", () => stage.number(OPEN) === 0);
  return statuses;
}

describe("1 000 deliveries of one event at once, to two processes", () => {
  it("are all answered with 200 and run its handler once", async (context) => {
    const events = scaled(5, 10, 100);
    expect(await flood(events)).toEqual(new Map([[200, events * COPIES]]));
    expect(stage.rows(RUNS)).toEqual([{ runs: events, events }]);
    note(context, `${events} events, ${events * COPIES} answers of 200, ${events} runs`);
  });

  it("would run it more than once if the store read before writing", async () => {
    await flood(5, "looks first");
    const { runs, events } = stage.rows(RUNS)[0] ?? {};
    expect(events).toBe(5);
    expect(Number(runs)).toBeGreaterThan(5);
  });
});
