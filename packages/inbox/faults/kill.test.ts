import { afterEach, describe, expect, it } from "vitest";
import { agentOf, deliver, type SignedEvent, signedEvent } from "./delivery.ts";
import { note } from "./findings.ts";
import { each, until, wait } from "./patience.ts";
import { scaled } from "./scale.ts";
import { type Stage, stageOf, type Worker } from "./stage.ts";
import type { WorkerOptions } from "./worker.ts";

let stage: Stage;
afterEach(() => stage.end());

const OPEN = "SELECT COUNT(*) FROM popp_inbox_event WHERE due_at IS NOT NULL";

interface Slaughter {
  readonly options: Omit<WorkerOptions, "path" | "secret">;
  /** The least number of events. */
  readonly minEvents: number;
  /** The least number of kills, all under load. */
  readonly minKills: number;
}

/** Delivers events over 64 connections, one in ten twice, until each is answered with 200. Kills the receiver repeatedly meanwhile. */
async function slaughter({
  options,
  minEvents,
  minKills,
}: Slaughter): Promise<{ readonly acked: ReadonlySet<string>; readonly kills: number }> {
  stage = stageOf();
  const acked = new Set<string>();
  const agent = agentOf(64);
  let worker: Worker = await stage.start(options);
  let [kills, isOver] = [0, false];

  function* deliveries(): Generator<SignedEvent> {
    for (let index = 0; index < minEvents || kills < minKills; index++) {
      const event = signedEvent(`evt_${index}`);
      yield event;
      if (index % 10 === 0) yield event;
    }
  }
  const killing = (async () => {
    for (;;) {
      await wait(150 + Math.random() * 450);
      if (isOver) break;
      worker.kill("SIGKILL");
      await worker.exited;
      kills++;
      stage.endLeases();
      worker = await stage.start(options);
    }
  })();
  const send = async (event: SignedEvent) => {
    while ((await deliver(agent, worker.port, event)) !== 200) await wait(20);
    acked.add(event.id);
  };
  await each(deliveries(), 64, send);
  isOver = true;
  await killing;
  agent.destroy();
  await until("nothing is left to be done", () => stage.number(OPEN) === 0);
  return { acked, kills };
}

/** The events that were answered with 200 but are not done. */
function lost(acked: ReadonlySet<string>): readonly string[] {
  const done = new Set(
    stage.rows("SELECT event_id FROM popp_inbox_event WHERE state = 'done'").map((row) => String(row.event_id)),
  );
  return [...acked].filter((id) => !done.has(id));
}

describe("a receiver that is killed under load", () => {
  it("loses no event that it answered with 200", async (context) => {
    const [minEvents, minKills] = [scaled(3_000, 30_000, 100_000), scaled(5, 20, 60)];
    const options = { behavior: "nothing", leaseMs: 60_000 } as const;
    const { acked, kills } = await slaughter({ options, minEvents, minKills });
    expect(lost(acked)).toEqual([]);
    expect(acked.size).toBeGreaterThanOrEqual(minEvents);
    expect(kills).toBeGreaterThanOrEqual(minKills);
    note(context, `${kills} kills, ${acked.size} acknowledged, 0 lost, all done`);
    expect(stage.rows("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });

  it("would fail this test if it answered before the commit", async () => {
    const { acked } = await slaughter({
      options: { behavior: "nothing", leaseMs: 60_000, flaw: "answers first" },
      minEvents: 3_000,
      minKills: 5,
    });
    expect(lost(acked).length).toBeGreaterThan(0);
  });

  it("applies the effects of each event once when they are written in tx", async (context) => {
    const [minEvents, minKills] = [scaled(2_000, 4_000, 100_000), scaled(5, 10, 60)];
    const options = { behavior: "effect in tx", leaseMs: 60_000 } as const;
    const { acked, kills } = await slaughter({ options, minEvents, minKills });
    expect(lost(acked)).toEqual([]);
    expect(acked.size).toBeGreaterThanOrEqual(minEvents);
    expect(effects()).toEqual({ effects: acked.size, events: acked.size });
    note(context, `${kills} kills, ${acked.size} events, ${acked.size} effects`);
  });

  it("would apply some effects twice without tx", async () => {
    const options = { behavior: "effect", leaseMs: 60_000 } as const;
    const { acked } = await slaughter({ options, minEvents: 3_000, minKills: 15 });
    expect(effects().events).toBe(acked.size);
    expect(Number(effects().effects)).toBeGreaterThan(acked.size);
  });
});

/** The number of effects, and the number of events that have one. */
function effects(): Readonly<Record<string, unknown>> {
  return stage.rows("SELECT COUNT(*) AS effects, COUNT(DISTINCT id) AS events FROM effects")[0] ?? {};
}
