import { describe, expect, it } from "vitest";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import { testClock } from "../../test/test-clock.ts";
import type { InboxStore } from "../ports/store.ts";
import { memoryStore } from "../stores/memory/index.ts";

const MINUTE_MS = 60_000;

/** Inboxes on one store, whose clocks only the test moves, and what the first of them tells about waiting events. */
function waiting(
  options: Parameters<typeof stage>[0] = {},
  change: (store: InboxStore) => Partial<InboxStore> = () => ({}),
) {
  const { clock, pass } = testClock();
  const memory = memoryStore({ now: clock.now });
  const store = { ...proxied(memory), ...change(memory) };
  const told: string[] = [];
  const common = { store, clock, pollMs: 1_000, storeTimeoutMs: 2_000_000_000 };
  const onError = ({ message }: Error) => message.includes("none was handled for") && told.push(message);
  const staged = stage({ ...common, onError, ...options });
  /** A handler that takes this long by the test's clock. */
  const taking = (ms: number) => () => new Promise<void>((resolve) => void clock.after(ms, resolve));
  return {
    ...staged,
    pass,
    told,
    taking,
    other: (of: Parameters<typeof stage>[0]) => stage({ ...common, onError: () => {}, ...of }),
  };
}

const started = (id: string) => eventOf(id);
const ended = (id: string) => eventOf(id, { event: "CONVERSATION_COMPLETED" });

describe("an event name that stands still is told once, with what to do", () => {
  it("where the only worker handles another source", async () => {
    const { inbox, send, pass, told, other } = waiting({ on: "elsewhere" });
    const worker = other({ source: "another", on: { CONVERSATION_STARTED: () => {} } });
    inbox.start();
    worker.inbox.start();
    await send(started("evt_1"));
    await pass(5 * MINUTE_MS);
    expect(told).toEqual([]);
    await pass(3 * MINUTE_MS);
    expect(told).toEqual([
      expect.stringMatching(/1 due event of "CONVERSATION_STARTED" \(source "popp"\).*same `source`/),
    ]);
    await pass(60 * MINUTE_MS);
    expect(told).toHaveLength(1);
  });

  it("where it is paused, while other names are handled", async () => {
    const { inbox, send, pass, told } = waiting({ on: {} });
    inbox.start();
    await inbox.pause("CONVERSATION_STARTED");
    await send(started("evt_1"));
    for (let at = 0; at < 8; at++) {
      await send(ended(`evt_${at}b`));
      await pass(MINUTE_MS);
    }
    expect(told).toEqual([expect.stringMatching(/is paused: call `inbox\.resume`/)]);
    await inbox.resume("CONVERSATION_STARTED");
    await pass(MINUTE_MS);
    expect((await inbox.get("evt_1"))?.state).toBe("done");
  });

  it("where every release leaves it, also behind one that is paused", async () => {
    const { inbox, send, pass, told } = waiting({ unhandled: "leave", on: { CONVERSATION_COMPLETED: () => {} } });
    inbox.start();
    await inbox.pause("CONVERSATION_COMPLETED");
    await send(ended("evt_0"));
    await pass(MINUTE_MS);
    await send(started("evt_1"));
    await pass(8 * MINUTE_MS);
    expect(told.toSorted()).toEqual([
      expect.stringMatching(/CONVERSATION_COMPLETED.*paused/),
      expect.stringMatching(/CONVERSATION_STARTED.*`unhandled: "leave"`.*add a handler/),
    ]);
  });

  it("where claims fail, and where they bring nothing", async () => {
    for (const claim of [() => Promise.reject(new Error("permission denied")), async () => []]) {
      const { inbox, send, pass, told } = waiting({ on: {} }, () => ({ claim }));
      inbox.start();
      await send(started("evt_1"));
      await pass(8 * MINUTE_MS);
      expect(told).toEqual([expect.stringMatching(/No process claims them, nor does this one/)]);
      await inbox.close();
    }
  });

  it("where the queue has no worker, without `start` with the next delivery", async () => {
    const { send, pass, told } = waiting({ queue: { enqueue: async () => {} } });
    for (let at = 0; at < 9; at++) {
      await send(started(`evt_${at}`));
      await pass(MINUTE_MS);
    }
    expect(told).toEqual([expect.stringMatching(/\d due events.*No worker of the queue/)]);
  });

  it("where a failed event is not tried again, and once more after it was", async () => {
    let isUp = true;
    const fails = () => {
      throw new Error("no");
    };
    const { inbox, send, pass, told } = waiting({ on: { CONVERSATION_STARTED: fails } }, (store) => ({
      claim: async (request) => (isUp ? store.claim(request) : []),
    }));
    inbox.start();
    await send(started("evt_1"));
    await pass(1_000, 100);
    for (const times of [1, 2]) {
      isUp = false;
      await pass(8 * MINUTE_MS);
      expect(told).toHaveLength(times);
      isUp = true;
      await pass(2_000);
      await send(started(`evt_again_${times}`));
      await pass(2_000);
    }
  });
});

describe("a healthy inbox is not told", () => {
  it.each([
    ["by default", {}, 0],
    // The control: the same backlog with a time that is too short.
    ["unless `alarmAfterMs` is shorter than a handler takes", { alarmAfterMs: MINUTE_MS }, 1],
  ])("of a backlog, %s", async (_, alarm, least) => {
    let take = (): Promise<void> => Promise.resolve();
    const { inbox, send, pass, told, taking } = waiting({
      concurrency: 1,
      on: { CONVERSATION_STARTED: () => take(), CONVERSATION_COMPLETED: () => {} },
      ...alarm,
    });
    take = taking(4 * MINUTE_MS);
    for (let at = 0; at < 8; at++) await send(started(`evt_${at}`));
    await send(ended("evt_last"));
    inbox.start();
    await pass(40 * MINUTE_MS);
    expect((await inbox.stats()).counts.done).toBe(9);
    expect(told.length > 0).toBe(least > 0);
    await inbox.close();
  });

  it("of events that wait for their retry, and of finished ones", async () => {
    const { inbox, send, pass, told } = waiting({
      retryBaseMs: 60 * MINUTE_MS,
      retryMaxMs: 60 * MINUTE_MS,
      on: {
        CONVERSATION_STARTED: () => {
          throw new Error("no");
        },
        CONVERSATION_COMPLETED: () => {},
      },
    });
    inbox.start();
    await send(started("evt_1"));
    await send(ended("evt_2"));
    await pass(100 * MINUTE_MS);
    expect(told).toEqual([]);
    await inbox.close();
  });

  it("of a queue that is slow, while anything in it moves", async () => {
    const refs: unknown[] = [];
    const { inbox, send, pass, told } = waiting({
      queue: { enqueue: async (ref) => void refs.push(ref) },
      on: { CONVERSATION_STARTED: () => {}, CONVERSATION_COMPLETED: () => {} },
    });
    await send(ended("evt_last"));
    const last = refs.pop();
    for (let at = 0; at < 20; at++) await send(started(`evt_${at}`));
    const waitingRefs = refs.splice(0);
    inbox.start();
    for (const ref of waitingRefs) {
      await inbox.process(ref);
      await pass(MINUTE_MS);
    }
    expect(told).toEqual([]);
    await inbox.process(last);
    await inbox.close();
  });

  it("of a store that was out of reach, and of a machine that was frozen", async () => {
    let isUp = true;
    const { inbox, send, pass, told } = waiting({ on: {} }, (store) => ({
      claim: async (request) => (isUp ? store.claim(request) : Promise.reject(new Error("gone"))),
      stats: async (source) => (isUp ? store.stats(source) : Promise.reject(new Error("gone"))),
    }));
    inbox.start();
    await pass(2 * MINUTE_MS);
    await inbox.pause("CONVERSATION_STARTED");
    await send(started("evt_1"));
    await pass(2 * MINUTE_MS);
    isUp = false;
    await pass(20 * MINUTE_MS);
    isUp = true;
    await pass(2 * MINUTE_MS);
    expect(told).toEqual([]);
    await pass(60 * MINUTE_MS, 60 * MINUTE_MS);
    expect(told).toEqual([]);
    await inbox.close();
  });
});
