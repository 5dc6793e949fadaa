import { describe, expect, it } from "vitest";
import { claimOf, listOf } from "../../faults/store-values.ts";
import { eventOf, stage } from "../../test/stage.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** A store with a clock of its own, in which a process that died has claimed events. */
function afterCrash() {
  let aheadMs = 0;
  const store = memoryStore({ now: () => performance.timeOrigin + performance.now() + aheadMs });
  return {
    store,
    pass: (ms: number) => {
      aheadMs += ms;
    },
    /** Claims all events, or those that were accepted last. */
    crash: async (last?: number) => {
      const events = await store.list(listOf({ limit: last ?? 100 }));
      for (const { key } of [...events].reverse()) await store.claim(claimOf({ source: "popp", leaseMs: 1_000, key }));
    },
  };
}

describe("crashes and failures", () => {
  it("count apart: an event gets all its attempts after crashes", async () => {
    const { store, pass, crash } = afterCrash();
    const errors: string[] = [];
    const { inbox, send } = stage({
      store,
      maxAttempts: 2,
      maxCrashes: 4,
      on: { CONVERSATION_STARTED: () => Promise.reject(new Error("down")) },
      onError: ({ message }) => errors.push(message),
    });
    await send(eventOf("evt_1"));
    for (let crashes = 0; crashes < 3; crashes++) {
      await crash();
      pass(60_000);
    }
    expect(await inbox.sweep()).toMatchObject({ retry: 1 });
    pass(60_000);
    expect(await inbox.sweep()).toMatchObject({ dead: 1 });
    expect(errors).toEqual([
      expect.stringContaining("failed at attempt 1 of 2"),
      expect.stringContaining("failed at attempt 2 of 2"),
    ]);
    expect((await inbox.get("evt_1"))?.history.map((entry) => "outcome" in entry && entry.outcome)).toEqual([
      ...["crashed", "crashed", "crashed"],
      ...["failed", "failed"],
    ]);
  });

  it("count apart: waits after failures do not grow with crashes", async () => {
    const { store, pass, crash } = afterCrash();
    const attempts: number[] = [];
    const { inbox, send } = stage({
      store,
      retryBaseMs: undefined as never,
      retryMaxMs: undefined as never,
      retryDelayMs: (attempt) => {
        attempts.push(attempt);
        return 1;
      },
      on: { CONVERSATION_STARTED: () => Promise.reject(new Error("down")) },
      onError: () => {},
    });
    await send(eventOf("evt_1"));
    for (const ms of [60_000, 60_000]) {
      await crash();
      pass(ms);
    }
    await inbox.sweep();
    expect(attempts).toEqual([1]);
  });

  it("leave an event dead, noted as abandoned, when its crashes are used up", async () => {
    const { store, pass, crash } = afterCrash();
    const on = { CONVERSATION_STARTED: () => expect.unreachable() };
    const { inbox, send } = stage({ store, maxAttempts: 1, maxCrashes: 2, on, onError: () => {} });
    await send(eventOf("evt_1"));
    for (let crashes = 0; crashes < 2; crashes++) {
      await crash();
      pass(60_000);
    }
    expect(await inbox.sweep()).toMatchObject({ dead: 1 });
    expect(await inbox.get("evt_1")).toMatchObject({ state: "dead", note: "abandoned" });
  });
});

describe("abandoned events", () => {
  /** An inbox that finds abandoned events, and whose handlers end when the test says so. */
  async function finding(count: number, crashedTwice = 0) {
    const { store, pass, crash } = afterCrash();
    const running = new Map<string, () => void>();
    const staged = stage({
      store,
      concurrency: 8,
      pollMs: 3_600_000,
      on: {
        CONVERSATION_STARTED: (_, { idempotencyKey }) =>
          new Promise<void>((resolve) => running.set(idempotencyKey, resolve)),
      },
    });
    for (let index = 0; index < count; index++) await staged.send(eventOf(`evt_${index}`));
    await crash();
    pass(60_000);
    if (crashedTwice > 0) await crash(crashedTwice);
    pass(60_000);
    const finishAll = () => {
      for (const end of running.values()) end();
      running.clear();
    };
    return { ...staged, finishAll, running };
  }

  it("are handled one, two, four and eight at a time while their handlers end", async () => {
    const { inbox, running, finishAll, until } = await finding(20);
    inbox.start();
    let done = 0;
    for (const expected of [1, 2, 4, 8, 5]) {
      await expect.poll(() => running.size).toBe(expected);
      finishAll();
      done += expected;
      await until("done", done);
    }
    await inbox.close();
  });

  it("are handled alone where they crashed more often than those whose handlers ended", async () => {
    const { inbox, running, finishAll, until } = await finding(6, 2);
    inbox.start();
    const handled: string[][] = [];
    for (const expected of [1, 2, 2, 1]) {
      await expect.poll(() => running.size).toBe(expected);
      handled.push([...running.keys()]);
      finishAll();
      await until("done", handled.flat().length);
    }
    expect(handled).toEqual([["evt_0"], ["evt_1", "evt_2"], ["evt_3", "evt_4"], ["evt_5"]]);
    await inbox.close();
  });

  it("are handled one at a time by a sweep until a handler has ended", async () => {
    const { inbox, running, finishAll } = await finding(3);
    const sweeping = inbox.sweep();
    for (const expected of [1, 2]) {
      await expect.poll(() => running.size).toBe(expected);
      finishAll();
    }
    expect(await sweeping).toMatchObject({ done: 3 });
    await inbox.close();
  });
});
