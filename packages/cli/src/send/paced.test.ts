import { expect, it } from "vitest";
import { paced } from "./paced.ts";
import { Tally } from "./tally.ts";

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

it("starts none before its time, and all of them", async () => {
  const perSecond = 2_000;
  const startedAt = performance.now();
  let runs = 0;
  const { started } = await paced(
    { total: 200, perSecond, concurrency: 10, signal: new AbortController().signal },
    () => {
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual((runs++ / perSecond) * 1_000 - 1);
      return settled();
    },
  );
  expect([started, runs]).toEqual([200, 200]);
});

it("starts at once what a stall delayed", async () => {
  const signal = new AbortController().signal;
  const stallMs = 200;
  let [runs, runsAfterStall] = [0, 0];
  await paced({ total: 400, perSecond: 1_000, concurrency: 400, signal }, () => {
    if (++runs === 100) {
      for (const end = performance.now() + stallMs; performance.now() < end; );
      setImmediate(() => {
        runsAfterStall = runs;
      });
    }
    return settled();
  });
  expect(runsAfterStall).toBeGreaterThanOrEqual(100 + stallMs);
  expect(runs).toBe(400);
});

it("ends early when it is told to, once what runs has ended", async () => {
  const stop = new AbortController();
  let [runs, ended] = [0, 0];
  const { started } = await paced(
    { total: 1_000, perSecond: undefined, concurrency: 3, signal: stop.signal },
    async () => {
      if (++runs === 10) stop.abort();
      await settled();
      ended++;
    },
  );
  expect({ started, ended }).toEqual({ started: runs, ended: runs });
  expect(runs).toBeLessThanOrEqual(12);
});

it("rejects with the first run that does", async () => {
  const signal = new AbortController().signal;
  const failing = paced({ total: 5, perSecond: undefined, concurrency: 1, signal }, () =>
    Promise.reject(new Error("down")),
  );
  await expect(failing).rejects.toThrow("down");
});

it("tallies each kind of answer with its times", () => {
  const tally = new Tally();
  for (let ms = 1; ms <= 1_000; ms++) tally.add("200", true, ms);
  tally.add("503", false, 0);
  tally.add("503", false, 1e9);
  expect(tally).toMatchObject({ count: 1_002, wrong: 2 });
  const [right, wrong] = tally.rows();
  expect(right).toMatchObject({ answer: "200", isRight: true, count: 1_000 });
  for (const [measured, ms] of [
    [right?.p50Ms, 500],
    [right?.p90Ms, 900],
    [right?.p99Ms, 990],
    [right?.maxMs, 1_000],
  ])
    expect(Math.abs((measured ?? 0) / (ms ?? 1) - 1)).toBeLessThan(0.01);
  expect(wrong).toMatchObject({ answer: "503", isRight: false, count: 2 });
});
