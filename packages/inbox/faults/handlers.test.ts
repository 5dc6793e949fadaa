import { afterEach, describe, expect, it } from "vitest";
import { agentOf, type SignedEvent, signedEvent } from "./delivery.ts";
import { note } from "./findings.ts";
import { each, until } from "./patience.ts";
import { type Stage, stageOf } from "./stage.ts";
import { supervise } from "./supervise.ts";

let stage: Stage;
afterEach(() => stage.end());

const OPEN = "SELECT COUNT(*) FROM popp_inbox_event WHERE due_at IS NOT NULL";
const STATES = "SELECT state, COUNT(*) AS count FROM popp_inbox_event GROUP BY state ORDER BY state";

async function deliverAll(events: readonly SignedEvent[], options: Parameters<typeof supervise>[1]) {
  const supervised = await supervise(stage, options);
  const agent = agentOf(32);
  const others: number[] = [];
  await each(events, 32, async (event) => void others.push(...(await supervised.deliver(agent, event))));
  agent.destroy();
  return { supervised, others };
}

describe("handlers that fail", () => {
  it("are retried, become dead and are invisible to the sender", async (context) => {
    stage = stageOf();
    const behaviors = ["throw", "reject", "undefined"];
    const failing = Array.from({ length: 988 }, (_, index) =>
      signedEvent(`evt_${index}`, behaviors[index % behaviors.length]),
    );
    const never = Array.from({ length: 10 }, (_, index) => signedEvent(`never_${index}`, "never"));
    const exiting = Array.from({ length: 2 }, (_, index) => signedEvent(`exit_${index}`, "exit"));
    const events = [...failing, ...never, ...exiting];
    const { supervised, others } = await deliverAll(events, {
      behavior: "nothing",
      leaseMs: 60_000,
      maxAttempts: 4,
      maxCrashes: 4,
      handlerTimeoutMs: 100,
    });
    await until("nothing is left to be done", () => stage.number(OPEN) === 0);
    await supervised.stop();
    expect(others).toEqual([]);
    expect(stage.rows(STATES)).toEqual([{ state: "dead", count: 1_000 }]);
    // Failures and crashes count apart: an event that fails may be running when another one ends the process.
    expect(stage.rows("SELECT DISTINCT MAX(attempts - crashes, crashes) AS most FROM popp_inbox_event")).toEqual([
      { most: 4 },
    ]);
    // Both may run when the process crashes, and then one crash costs each an attempt.
    expect(supervised.restarts()).toBeGreaterThanOrEqual(4);
    note(context, "1000 events, 4 attempts each, all dead, every delivery answered with 200");
  });
});

describe("an event that kills the process", () => {
  const poison = signedEvent("poison", "kill");
  const events = [
    ...Array.from({ length: 300 }, (_, index) => signedEvent(`before_${index}`)),
    poison,
    ...Array.from({ length: 699 }, (_, index) => signedEvent(`after_${index}`)),
  ];

  it("becomes dead after 8 claims and does not affect other events", async (context) => {
    stage = stageOf();
    const { supervised } = await deliverAll(events, { behavior: "slow", slowMs: 5, leaseMs: 60_000 });
    await until("nothing is left to be done", () => stage.number(OPEN) === 0);
    await supervised.stop();
    expect(stage.rows(STATES)).toEqual([
      { state: "dead", count: 1 },
      { state: "done", count: 999 },
    ]);
    expect(stage.rows("SELECT event_id, attempts, note FROM popp_inbox_event WHERE state = 'dead'")).toEqual([
      { event_id: "poison", attempts: 8, note: "abandoned" },
    ]);
    expect(supervised.restarts()).toBe(8);
    note(context, "8 deaths, then dead; the other 999 done");
  });

  it("would crash the process forever if only reported failures counted", async () => {
    stage = stageOf();
    const { supervised } = await deliverAll([poison], {
      behavior: "nothing",
      leaseMs: 60_000,
      flaw: "counts failures",
    });
    await until("the process has died more often than an event has attempts", () => supervised.restarts() > 9);
    expect(stage.number(OPEN)).toBe(1);
    await supervised.stop();
  });
});
