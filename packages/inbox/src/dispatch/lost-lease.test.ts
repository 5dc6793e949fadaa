import { expect, it } from "vitest";
import { proxied } from "../../test/stage.ts";
import { testClock } from "../../test/test-clock.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { LeaseKeeper } from "./lease.ts";

/** A lease of 3 s on a store whose answers the test decides, with a clock that only the test moves. */
function leaseKeeper(renew: (nowMs: number) => Promise<boolean>) {
  const { clock, pass, timers } = testClock();
  const startedAtMs = clock.now();
  const errors: unknown[] = [];
  const asked: number[] = [];
  const store = {
    ...proxied(memoryStore()),
    renew: () => {
      const nowMs = clock.now() - startedAtMs;
      asked.push(nowMs);
      return renew(nowMs);
    },
  };
  const config = { store, leaseMs: 3_000, clock, reportError: (error: unknown) => void errors.push(error) };
  const keeper = new LeaseKeeper(config, { key: "key", token: "token" }, startedAtMs);
  return { keeper, pass, asked, errors, timers };
}

it("is renewed three times before it would end", async () => {
  const { keeper, pass, asked, timers } = leaseKeeper(async () => true);
  await pass(10_500, 100);
  expect([keeper.isLost, asked.slice(0, 4)]).toEqual([false, [1_000, 2_000, 3_000, 4_000]]);
  keeper.stop();
  expect(timers.size).toBe(0);
});

it.each<[string, (nowMs: number) => Promise<boolean>]>([
  ["fails", () => Promise.reject(new Error("gone"))],
  ["does not answer", () => new Promise(() => {})],
])("is lost to the moment when it ends, where a store %s", async (_, renew) => {
  const { keeper, pass } = leaseKeeper(renew);
  await pass(2_900, 100);
  expect(keeper.isLost).toBe(false);
  await pass(200, 100);
  expect(keeper.isLost).toBe(true);
});

it("reports store errors and is not lost before it expires", async () => {
  const { keeper, pass, errors } = leaseKeeper((nowMs) =>
    nowMs < 1_500 ? Promise.reject(new Error("gone")) : Promise.resolve(true),
  );
  await pass(6_000, 100);
  expect([keeper.isLost, errors]).toEqual([false, [new Error("gone")]]);
});
