import { afterEach, describe, expect, it } from "vitest";
import { agentOf, deliver, type SignedEvent, signedEvent } from "./delivery.ts";
import { note } from "./findings.ts";
import { each, until, wait } from "./patience.ts";
import { scaled } from "./scale.ts";
import { type Stage, stageOf, type Worker } from "./stage.ts";
import type { WorkerOptions } from "./worker.ts";

let stage: Stage;
afterEach(() => stage.end());

const OPEN = "SELECT COUNT(*) FROM popp_inbox WHERE due_at IS NOT NULL";

interface Slaughter {
  readonly options: Omit<WorkerOptions, "path" | "secret">;
  readonly count: number;
  readonly minKills: number;
}

/** Delivers events over 64 connections, one in ten twice, until each was answered with 200, while the receiver is killed over and over. */
async function slaughter({
  options,
  count,
  minKills,
}: Slaughter): Promise<{ readonly acked: ReadonlySet<string>; readonly kills: number }> {
  stage = stageOf();
  const events = Array.from({ length: count }, (_, index) => signedEvent(`evt_${index}`));
  const deliveries = events.flatMap((event, index) => (index % 10 === 0 ? [event, event] : [event]));
  const acked = new Set<string>();
  const agent = agentOf(64);
  let worker: Worker = await stage.start(options);
  let [kills, isOver] = [0, false];

  const killing = (async () => {
    while (!isOver || kills < minKills) {
      await wait(150 + Math.random() * 450);
      if (isOver && kills >= minKills) break;
      worker.kill("SIGKILL");
      await worker.exited;
      kills++;
      worker = await stage.start(options);
    }
  })();
  const send = async (event: SignedEvent) => {
    while ((await deliver(agent, worker.port, event)) !== 200) await wait(20);
    acked.add(event.id);
  };
  await each(deliveries, 64, send);
  isOver = true;
  await killing;
  agent.destroy();
  await until("nothing is left to be done", () => stage.number(OPEN) === 0);
  return { acked, kills };
}

/** The events that were answered with 200 and are not done. */
function lost(acked: ReadonlySet<string>): readonly string[] {
  const done = new Set(
    stage.rows("SELECT event_id FROM popp_inbox WHERE state = 'done'").map((row) => String(row.event_id)),
  );
  return [...acked].filter((id) => !done.has(id));
}

describe("a receiver that is killed under load", () => {
  it("loses no event that it answered with 200", { timeout: 1_200_000 }, async (context) => {
    const [count, minKills] = [scaled(3_000, 30_000, 100_000), scaled(5, 20, 60)];
    const { acked, kills } = await slaughter({ options: { deed: "nothing", leaseMs: 1_000 }, count, minKills });
    expect([acked.size, lost(acked)]).toEqual([count, []]);
    expect(kills).toBeGreaterThanOrEqual(minKills);
    note(context, `${kills} kills, ${count} acknowledged, 0 lost, all done`);
    expect(stage.rows("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });

  it("would be found out if it answered before the commit", { timeout: 120_000 }, async () => {
    const { acked } = await slaughter({
      options: { deed: "nothing", leaseMs: 1_000, flaw: "answers first" },
      count: 3_000,
      minKills: 5,
    });
    expect(lost(acked).length).toBeGreaterThan(0);
  });

  it("has the effects of each event once, where they are written in tx", { timeout: 1_200_000 }, async (context) => {
    const [count, minKills] = [scaled(2_000, 10_000, 100_000), scaled(5, 20, 60)];
    const { acked, kills } = await slaughter({ options: { deed: "effect in tx", leaseMs: 500 }, count, minKills });
    expect([acked.size, lost(acked)]).toEqual([count, []]);
    expect(stage.rows("SELECT COUNT(*) AS effects, COUNT(DISTINCT id) AS events FROM effects")).toEqual([
      { effects: count, events: count },
    ]);
    note(context, `${kills} kills, ${count} events, ${count} effects`);
  });

  it("would have some effects twice without tx", { timeout: 300_000 }, async () => {
    await slaughter({ options: { deed: "effect", leaseMs: 500 }, count: 3_000, minKills: 15 });
    const { effects, events } =
      stage.rows("SELECT COUNT(*) AS effects, COUNT(DISTINCT id) AS events FROM effects")[0] ?? {};
    expect(events).toBe(3_000);
    expect(Number(effects)).toBeGreaterThan(3_000);
  });
});
