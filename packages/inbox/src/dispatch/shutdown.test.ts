import { expect, it } from "vitest";
import { listOf } from "../../faults/store-values.ts";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import { latestOnly } from "../index.ts";
import { memoryStore } from "../stores/memory/index.ts";

const forEver = () => new Promise<void>(() => {});

it("closes within the grace period although all handlers hang, and releases their events", async () => {
  const { inbox, send, until } = stage({ concurrency: 2, on: { CONVERSATION_STARTED: forEver } });
  for (const id of ["a", "b", "c"]) await send(eventOf(id));
  inbox.start();
  await until("processing", 2);

  // Its handlers never end, so a close that waits for them would never end.
  await inbox.close({ graceMs: 50 });
});

it.each(["process", "sweep", "waitUntil"] as const)(
  "waits for a claim that %s has under way, and gives back what it brings",
  async (way) => {
    const inner = memoryStore();
    const calls: string[] = [];
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const refs: unknown[] = [];
    let runs = 0;
    const { inbox, send } = stage({
      store: {
        ...proxied(inner),
        claim: async (request) => {
          const claimed = await inner.claim(request);
          calls.push("claim");
          await answered;
          return claimed;
        },
        settle: (lease, settlement) => {
          calls.push("settle");
          return inner.settle(lease, settlement);
        },
        close: async () => void calls.push("close"),
      },
      ...(way === "process" && { queue: { enqueue: async (ref: unknown) => void refs.push(ref) } }),
      on: { CONVERSATION_STARTED: () => ++runs },
    });
    const lent: Promise<unknown>[] = [];
    await send(
      eventOf("evt_1"),
      way === "waitUntil" ? { waitUntil: (promise: Promise<unknown>) => lent.push(promise) } : {},
    );
    if (way === "process") {
      await expect.poll(() => refs).toHaveLength(1);
      lent.push(inbox.process(refs[0]).catch(({ name }) => name));
    }
    if (way === "sweep") lent.push(inbox.sweep());
    await expect.poll(() => calls).toEqual(["claim"]);

    const closing = inbox.close({ graceMs: 60_000 });
    answer();
    await closing;
    expect([calls, runs]).toEqual([["claim", "settle", "close"], 0]);
    const ends = await Promise.all(lent);
    if (way === "process") expect(ends.at(-1)).toBe("RetryLaterError");
    const [stored] = await inner.list(listOf());
    expect(stored).toMatchObject({ state: "retry", attempts: 0 });
  },
);

it("does not claim the next event of an order key during shutdown", async () => {
  const store = memoryStore();
  let runs = 0;
  const { inbox, send, until } = stage({
    store,
    order: latestOnly(() => "one"),
    on: {
      CONVERSATION_STARTED: () => {
        runs++;
        return forEver();
      },
    },
  });
  for (const id of ["a", "b", "c"]) await send(eventOf(id));
  inbox.start();
  await until("processing");
  await inbox.close({ graceMs: 20 });
  expect(runs).toBe(1);
  expect((await store.list(listOf())).map(({ state, attempts }) => [state, attempts])).toEqual([
    ["received", 0],
    ["received", 0],
    ["retry", 0],
  ]);
});

it("settles each event only once with an unreachable store, and closes", async () => {
  let settled = 0;
  const { inbox, send, until } = stage({
    store: {
      ...proxied(memoryStore()),
      settle: async () => {
        settled++;
        throw new Error("gone");
      },
    },
    on: { CONVERSATION_STARTED: forEver },
  });
  await send(eventOf("evt_1"));
  inbox.start();
  await until("processing");
  await inbox.close({ graceMs: 20 });
  expect(settled).toBe(1);
});

it("does not use or open its store after it is closed", async () => {
  let opened = 0;
  const inner = memoryStore();
  const { inbox, send } = stage({ store: { ...proxied(inner), open: async () => void opened++ } });
  await inbox.close();
  expect(await send(eventOf("evt_1"))).toBe(503);
  for (const call of [() => inbox.stats(), () => inbox.prune(), () => inbox.get("evt_1"), () => inbox.redrive("evt_1")])
    await expect(call()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", message: "The inbox is closed." });
  expect(opened).toBe(0);
});

it("closes a store that was opening during close", async () => {
  const calls: string[] = [];
  let isOpening = false;
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { inbox, send } = stage({
    store: {
      ...proxied(memoryStore()),
      open: async () => {
        isOpening = true;
        await opened;
        calls.push("open");
      },
      close: async () => void calls.push("close"),
    },
  });
  const sending = send(eventOf("evt_1"));
  await expect.poll(() => isOpening).toBe(true);
  const closing = inbox.close();
  setTimeout(open, 20);
  await closing;
  expect(calls).toEqual(["open", "close"]);
  await sending;
});
