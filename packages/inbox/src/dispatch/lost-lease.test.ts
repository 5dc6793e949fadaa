import { expect, it } from "vitest";
import { proxied } from "../../test/stage.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { LeaseKeeper } from "./lease.ts";

/** A lease of 3 s on a store whose answers the test decides, with a clock that only the test moves. */
function leaseKeeper(renew: (nowMs: number) => Promise<boolean>) {
  let nowMs = 0;
  const timers = new Map<() => void, number>();
  const clock = {
    now: () => nowMs,
    random: () => 0,
    after: (delayMs: number, callback: () => void) => {
      timers.set(callback, nowMs + delayMs);
      return () => void timers.delete(callback);
    },
  };
  const errors: unknown[] = [];
  const asked: number[] = [];
  const store = {
    ...proxied(memoryStore()),
    renew: () => {
      asked.push(nowMs);
      return renew(nowMs);
    },
  };
  const config = { store, leaseMs: 3_000, clock, reportError: (error: unknown) => void errors.push(error) };
  const keeper = new LeaseKeeper(config, { key: "key", token: "token" }, 0);
  async function pass(untilMs: number): Promise<void> {
    for (; nowMs < untilMs; nowMs += 100) {
      for (const [callback, atMs] of [...timers]) {
        if (atMs > nowMs) continue;
        timers.delete(callback);
        callback();
      }
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  }
  return { keeper, pass, asked, errors, timers };
}

it("is renewed three times before it would end", async () => {
  const { keeper, pass, asked, timers } = leaseKeeper(async () => true);
  await pass(10_500);
  expect([keeper.isLost, asked.slice(0, 4)]).toEqual([false, [1_000, 2_000, 3_000, 4_000]]);
  keeper.stop();
  expect(timers.size).toBe(0);
});

it.each<[string, (nowMs: number) => Promise<boolean>]>([
  ["fails", () => Promise.reject(new Error("gone"))],
  ["does not answer", () => new Promise(() => {})],
])("is lost to the moment when it ends, where a store %s", async (_, renew) => {
  const { keeper, pass } = leaseKeeper(renew);
  await pass(3_000);
  expect(keeper.isLost).toBe(false);
  await pass(3_200);
  expect(keeper.isLost).toBe(true);
});

it("reports store errors and is not lost before it expires", async () => {
  const { keeper, pass, errors } = leaseKeeper((nowMs) =>
    nowMs < 1_500 ? Promise.reject(new Error("gone")) : Promise.resolve(true),
  );
  await pass(6_000);
  expect([keeper.isLost, errors]).toEqual([false, [new Error("gone")]]);
});
