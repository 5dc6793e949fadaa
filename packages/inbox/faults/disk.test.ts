import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { agentOf, answerTo, deliver, signedEvent } from "./delivery.ts";
import { type Disk, diskOf, noDisk } from "./disk.ts";
import { note } from "./findings.ts";
import { each, until, wait } from "./patience.ts";
import { scaled } from "./scale.ts";
import { type Stage, stageOf } from "./stage.ts";
import type { WorkerOptions } from "./worker.ts";

let disk: Disk | undefined;
let stage: Stage | undefined;
afterEach(async () => {
  await stage?.end();
  disk?.remove();
  [stage, disk] = [undefined, undefined];
});

const DONE = "SELECT event_id FROM popp_inbox_event WHERE state = 'done'";

function setUp(megabytes: number): { readonly disk: Disk; readonly stage: Stage } {
  disk = diskOf(megabytes);
  stage = stageOf(disk.folder);
  return { disk, stage };
}

/** The least number of events that are acknowledged before each cut. */
const MIN_ACKED = 100;

/** Cuts the power under load. Returns how many events were acknowledged, and how many of them are lost. */
async function cutPower(flaw?: WorkerOptions["flaw"]): Promise<{ readonly acked: number; readonly lost: number }> {
  const { disk, stage } = setUp(96);
  const worker = await stage.start({ behavior: "nothing", leaseMs: 30_000, ...(flaw && { flaw }) });
  const agent = agentOf(32);
  const acked = new Set<string>();
  let isOver = false;
  const sending = each(
    Array.from({ length: 32 }, (_, lane) => lane),
    32,
    async (lane) => {
      for (let at = 0; !isOver; at++) {
        const event = signedEvent(`evt_${lane}_${at}`, undefined, 1_500);
        if ((await deliver(agent, worker.port, event)) === 200) acked.add(event.id);
      }
    },
  );
  const load = MIN_ACKED + Math.random() * 400;
  await until("the process is under load", () => acked.size >= load);
  worker.kill("SIGSTOP");
  // Answers sent before the cut may still be in transit.
  await wait(50);
  const known = new Set(acked);
  const kept = disk.asAfterPowerCut((folder) => {
    const left = new DatabaseSync(join(folder, "inbox.db"));
    expect(left.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    const ids = left.prepare("SELECT event_id FROM popp_inbox_event").all();
    left.close();
    return new Set(ids.map((row) => String(row.event_id)));
  });
  isOver = true;
  worker.kill("SIGKILL");
  await sending;
  agent.destroy();
  return { acked: known.size, lost: [...known].filter((id) => !kept.has(id)).length };
}

async function cuts(count: number, flaw?: WorkerOptions["flaw"]) {
  let [acked, lost] = [0, 0];
  for (let cut = 0; cut < count; cut++) {
    const result = await cutPower(flaw);
    acked += result.acked;
    lost += result.lost;
    await stage?.end();
    disk?.remove();
    [stage, disk] = [undefined, undefined];
  }
  return { acked, lost };
}

const title = noDisk === undefined ? "" : ` (not here: ${noDisk})`;

describe.skipIf(noDisk !== undefined)(`the power is cut under load${title}`, () => {
  it("loses no event that was answered with 200", async (context) => {
    const count = scaled(2, 6, 20);
    const { acked, lost } = await cuts(count);
    expect(lost).toBe(0);
    expect(acked).toBeGreaterThanOrEqual(MIN_ACKED * count);
    note(context, `${count} cuts, ${acked} acknowledged, 0 lost`);
  });

  it("would lose some with synchronous=NORMAL", async () => {
    expect((await cuts(3, "does not sync")).lost).toBeGreaterThan(0);
  });
});

describe.skipIf(noDisk !== undefined)(`the disk is full${title}`, () => {
  it("answers 503 until there is space again and loses nothing", async (context) => {
    const { disk, stage } = setUp(48);
    const ballast = join(disk.folder, "ballast");
    writeFileSync(ballast, Buffer.alloc(16 * 1024 * 1024));
    const worker = await stage.start({ behavior: "nothing", leaseMs: 30_000 });
    const agent = agentOf(16);
    const [acked, refused] = [new Set<string>(), new Set<string>()];
    const others: unknown[] = [];
    const send = async (id: string) => {
      const { status, retryAfter } = await answerTo(agent, worker.port, signedEvent(id, undefined, 8_000));
      if (status === 200) acked.add(id);
      else if (status === 503 && retryAfter !== undefined) refused.add(id);
      else others.push([status, retryAfter]);
    };
    let at = 0;
    const lanes = Array.from({ length: 16 }, (_, lane) => lane);
    await each(lanes, 16, async () => {
      while (refused.size < 200 && at < 20_000) await send(`evt_${at++}`);
    });
    expect(others).toEqual([]);
    expect(refused.size).toBeGreaterThanOrEqual(200);
    const before = acked.size;

    rmSync(ballast);
    await each([...refused], 16, async (id) => {
      while (!acked.has(id)) {
        await send(id);
        if (!acked.has(id)) await wait(50);
      }
    });
    agent.destroy();
    await until("all are done", () => stage.rows(DONE).length === acked.size);
    expect(others).toEqual([]);
    expect(new Set(stage.rows(DONE).map((row) => row.event_id))).toEqual(acked);
    expect(stage.rows("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    note(context, `${before} acknowledged before it was full, ${refused.size} refused with 503, 0 lost`);
  });
});
