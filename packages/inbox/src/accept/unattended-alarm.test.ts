import { expect, it } from "vitest";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import { systemClock } from "../lib/clock.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** An inbox whose clock and store's clock only move when the test says so. */
function waiting(options: Parameters<typeof stage>[0] = {}) {
  let nowMs = 1_000_000;
  let looks = 0;
  const told: string[] = [];
  const store = memoryStore({ now: () => nowMs });
  const staged = stage({
    store: {
      ...proxied(store),
      overdue: (query) => {
        looks++;
        return store.overdue(query);
      },
    },
    clock: { ...systemClock, now: () => nowMs },
    onError: ({ message }) => told.push(message),
    ...options,
  });
  return {
    ...staged,
    told,
    looks: () => looks,
    /** Moves the clocks and delivers one more event. */
    deliverAfter: async (ms: number) => {
      nowMs += ms;
      await staged.send(eventOf(`evt_${nowMs}`));
      // The answer does not wait for the look, which ends within some turns of the event loop.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it("reports once that no process handles the events, with possible fixes", async () => {
  const { deliverAfter, told } = waiting();
  await deliverAfter(0);
  await deliverAfter(299_000);
  expect(told).toEqual([]);
  await deliverAfter(61_000);
  expect(told).toEqual([
    expect.stringMatching(/the oldest for 6 minutes.*inbox\.start\(\).*inbox\.sweep\(\).*"elsewhere"/),
  ]);
  await deliverAfter(600_000);
  expect(told).toHaveLength(1);
});

it("asks the store at most once a minute", async () => {
  const { deliverAfter, looks } = waiting();
  for (let at = 0; at < 50; at++) await deliverAfter(1_000);
  expect(looks()).toBe(1);
  await deliverAfter(60_000);
  expect(looks()).toBe(2);
});

it("has a configurable wait", async () => {
  const { deliverAfter, told } = waiting({ alarmAfterMs: 3_600_000 });
  for (let at = 0; at < 50; at++) await deliverAfter(60_000);
  expect(told).toEqual([]);
  for (let at = 0; at < 12; at++) await deliverAfter(60_000);
  expect(told).toHaveLength(1);
});

it.each<[string, Parameters<typeof stage>[0], (inbox: ReturnType<typeof stage>["inbox"]) => unknown]>([
  ["it was started", {}, (inbox) => inbox.start()],
  ["it is swept", {}, (inbox) => inbox.sweep()],
  ["it processes messages", {}, (inbox) => inbox.process({})],
  ["another process handles the events", { on: "elsewhere" }, () => {}],
  ["it has a queue", { queue: { enqueue: async () => {} } }, () => {}],
])("is silent where %s", async (_, options, attend) => {
  const { inbox, deliverAfter, told } = waiting(options);
  await attend(inbox);
  for (let at = 0; at < 10; at++) await deliverAfter(120_000);
  expect(told.filter((message) => message.includes("Events wait"))).toEqual([]);
  await inbox.close();
});

it("does not fail a delivery when its query fails", async () => {
  const store = { ...proxied(memoryStore()), overdue: () => Promise.reject(new Error("gone")) };
  const { send } = stage({ store });
  expect(await send(eventOf("evt_1"))).toBe(200);
});
