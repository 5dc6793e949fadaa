import { afterEach, describe, expect, it } from "vitest";
import { agentOf, deliver, type SignedEvent, signedEvent } from "./delivery.ts";
import { note } from "./findings.ts";
import { each, until, wait } from "./patience.ts";
import { type Stage, stageOf, type Worker } from "./stage.ts";

let stage: Stage;
afterEach(() => stage.end());

const DONE = "SELECT COUNT(*) FROM popp_inbox_event WHERE state = 'done'";
const BEGUN = "SELECT COUNT(DISTINCT id) FROM effects";
const FIRST_END = "SELECT MIN(due_at) FROM popp_inbox_event";
const LAST_END = "SELECT MAX(due_at) FROM popp_inbox_event";
const REPEATED = "SELECT COUNT(*) FROM (SELECT id FROM effects GROUP BY id HAVING COUNT(*) > 1)";

function events(count: number, behavior?: (index: number) => string): readonly SignedEvent[] {
  return Array.from({ length: count }, (_, index) => signedEvent(`evt_${index}`, behavior?.(index)));
}

async function send({ port }: Worker, all: readonly SignedEvent[]): Promise<void> {
  const agent = agentOf(16);
  const statuses: number[] = [];
  await each(all, 16, async (event) => void statuses.push(await deliver(agent, port, event)));
  agent.destroy();
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
}

describe("a handler that takes longer than its lease", () => {
  const leaseMs = 5_000;
  const slow = { behavior: "wait until told", leaseMs, concurrency: 50 } as const;

  it("keeps its event because the lease is renewed", async (context) => {
    stage = stageOf();
    const both = await Promise.all([stage.start(slow), stage.start(slow)]);
    await send(both[0], events(50));
    await until("all are running", () => stage.number(BEGUN) === 50);
    const firstEnd = stage.number(LAST_END);
    await until(
      "each event has been held for longer than its lease",
      () => stage.number(FIRST_END) > firstEnd + leaseMs,
    );
    for (const process of both) process.kill("SIGUSR2");
    await until("all are done", () => stage.number(DONE) === 50);
    expect([stage.number("SELECT COUNT(*) FROM effects"), stage.number(REPEATED)]).toEqual([50, 0]);
    expect(stage.rows("SELECT DISTINCT attempts FROM popp_inbox_event")).toEqual([{ attempts: 1 }]);
    note(context, "50 handlers beyond their leases, 50 runs, none taken over");
  });

  it("would lose its event without renewal", async () => {
    stage = stageOf();
    const flawed = { ...slow, leaseMs: 1_000, flaw: "never renews" } as const;
    const [one] = await Promise.all([stage.start(flawed), stage.start(flawed)]);
    await send(one, events(10));
    await until("one has run twice", () => stage.number(REPEATED) > 0);
  });
});

describe("a process that is frozen beyond its leases", () => {
  // A process that can tell how long it was frozen does not even ask the store.
  const owner = { behavior: "wait until told", leaseMs: 5_000, concurrency: 100, clockStops: true } as const;
  const heir = { behavior: "effect", isStubborn: true, leaseMs: 60_000, pollMs: 10 } as const;

  /** Waits until no commit is running: a process frozen within one holds the file's lock, and no other could take its events over. */
  async function freezeBetweenCommits(process: Worker): Promise<void> {
    for (;;) {
      process.kill("SIGSTOP");
      await wait(20);
      if (!stage.isLocked()) return;
      process.kill("SIGCONT");
      await wait(20);
    }
  }

  /** Freezes a process that handles 100 events until another process has handled them, and then resumes it. */
  async function freeze(flaw?: "ignores tokens"): Promise<Worker> {
    stage = stageOf();
    const frozen = await stage.start({ ...owner, ...(flaw && { flaw }) });
    await send(
      frozen,
      events(100, (index) => (index % 2 === 0 ? "wait for abort" : owner.behavior)),
    );
    await until("all are running", () => stage.number(BEGUN) === 100);
    await freezeBetweenCommits(frozen);
    await stage.start(heir);
    await until("all were taken over", () => stage.number(DONE) === 100);
    // Lets the handlers end while the process is frozen: it finds that out when it resumes.
    frozen.kill("SIGUSR2");
    frozen.kill("SIGCONT");
    return frozen;
  }

  it("finds its events taken over and cannot settle them", async (context) => {
    const frozen = await freeze();
    await until("it was told", () => frozen.lines.filter(({ reason }) => reason === "LeaseLostError").length >= 50);
    // Gives the process time to settle its events, if the store allowed that.
    await wait(1_000);
    expect(frozen.lines.filter(({ state }) => state !== undefined)).toEqual([]);
    expect(
      stage.rows("SELECT state, fence, attempts, note, COUNT(*) AS count FROM popp_inbox_event GROUP BY 1, 2, 3, 4"),
    ).toEqual([{ state: "done", fence: 2, attempts: 2, note: null, count: 100 }]);
    expect(stage.number("SELECT COUNT(*) FROM effects WHERE attempt = 2")).toBe(100);
    note(context, "100 events taken over once, none settled by the process that was frozen");
  });

  it("would overwrite the other's result if tokens were not checked", async () => {
    await freeze("ignores tokens");
    await until(
      "it has",
      () => stage.number("SELECT COUNT(*) FROM popp_inbox_event WHERE note = 'by whoever came last'") > 0,
    );
  });
});

describe("clocks that are wrong", () => {
  const slow = { behavior: "slow", slowMs: 700, leaseMs: 6_000, concurrency: 100 } as const;

  it("of processes change nothing", async (context) => {
    stage = stageOf();
    const [ahead] = await Promise.all([
      stage.start({ ...slow, clockOffsetMs: 600_000 }),
      stage.start({ ...slow, clockOffsetMs: -600_000 }),
    ]);
    await send(ahead, events(200));
    await until("all are done", () => stage.number(DONE) === 200);
    expect([stage.number("SELECT COUNT(*) FROM effects"), stage.number(REPEATED)]).toEqual([200, 0]);
    note(context, "two processes ten minutes off in either direction, 200 events, 200 runs");
  });

  it("would take events from their owners if they decided about leases", async () => {
    stage = stageOf();
    const flawed = { ...slow, behavior: "wait until told", flaw: "own clock" } as const;
    await send(await stage.start(flawed), events(50));
    await until("all are running", () => stage.number(BEGUN) === 50);
    await stage.start({ ...flawed, clockOffsetMs: 600_000 });
    await until("one has run twice", () => stage.number(REPEATED) > 0);
  });

  it.each([
    ["forward", 3_600_000],
    ["back", -3_600_000],
  ])("run nothing twice in one process when the machine's own clock jumps an hour %s", async (_, jumpMs) => {
    stage = stageOf();
    const only = await stage.start({ ...slow, behavior: "wait until told", concurrency: 50 });
    await send(only, events(50));
    await until("all are running", () => stage.number(BEGUN) === 50);
    // For the store, a clock that is an hour fast and a lease that ends an hour earlier are the same.
    stage.rows(`UPDATE popp_inbox_event SET due_at = due_at - ${jumpMs} RETURNING seq`);
    // By then the process has looked for due events several times.
    await until(
      "each lease is renewed, and ends within a minute",
      () => stage.number(FIRST_END) > Date.now() && stage.number(LAST_END) < Date.now() + 60_000,
    );
    only.kill("SIGUSR2");
    await until("all are done", () => stage.number(DONE) === 50);
    expect([
      stage.number("SELECT COUNT(*) FROM effects"),
      stage.number("SELECT MAX(attempts) FROM popp_inbox_event"),
    ]).toEqual([50, 1]);
  });
});
