import { describe, expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { resolveOptions } from "../inbox-config.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { systemClock } from "./clock.ts";

/** The waits of the default options, in milliseconds, with a given random number. */
function defaultWaits(random: number) {
  const { retryDelayMs, maxAttempts, crashWaitsMs } = resolveOptions({
    store: memoryStore(),
    on: {},
    clock: { ...systemClock, random: () => random },
  });
  return { waits: Array.from({ length: maxAttempts - 1 }, (_, index) => retryDelayMs(index + 1)), crashWaitsMs };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const HOUR_MS = 3_600_000;

describe("the default waits between attempts", () => {
  it("are between half of these and these, in seconds", () => {
    const [shortest, longest] = [defaultWaits(0).waits, defaultWaits(0.999_999_999).waits];
    expect(longest.slice(0, 8).map((ms) => Math.ceil(ms / 1_000))).toEqual([1, 4, 16, 64, 256, 1_024, 3_600, 3_600]);
    expect(shortest.slice(0, 8).map((ms) => ms / 1_000)).toEqual([0.5, 2, 8, 32, 128, 512, 1_800, 1_800]);
  });

  it("last for 24 hours at least, which one attempt less would not", () => {
    const { waits } = defaultWaits(0);
    expect(waits).toHaveLength(54);
    expect(sum(waits)).toBeGreaterThanOrEqual(24 * HOUR_MS);
    expect(sum(waits.slice(0, -1))).toBeLessThan(24 * HOUR_MS);
  });

  it("last for 36 hours on average, and for 49 at most", () => {
    expect(sum(defaultWaits(0.5).waits) / HOUR_MS).toBeCloseTo(36.3, 1);
    expect(sum(defaultWaits(0.999_999_999).waits) / HOUR_MS).toBeCloseTo(48.4, 1);
  });
});

describe("the default waits after crashes", () => {
  it("are these, without randomness, in seconds; the last one is for all further crashes", () => {
    expect(defaultWaits(0).crashWaitsMs.map((ms) => ms / 1_000)).toEqual([1, 4, 16, 64, 256, 1_024, 3_600]);
  });

  it("are no more than there may be crashes", () => {
    const { crashWaitsMs } = resolveOptions({ store: memoryStore(), on: {}, maxCrashes: 2 });
    expect(crashWaitsMs).toEqual([1_000, 4_000]);
  });
});

describe("retryDelayMs", () => {
  /** The wait of an inbox after the first failed attempt, in milliseconds. */
  async function waitOf(retryDelayMs: (attempt: number) => number) {
    const errors: string[] = [];
    // The clock of the store stands still, so that the wait is exact.
    const { inbox, send, until } = stage({
      store: memoryStore({ now: () => 1_800_000_000_000 }),
      on: { CONVERSATION_STARTED: () => Promise.reject(new Error("down")) },
      retryDelayMs,
      retryBaseMs: undefined as never,
      retryMaxMs: undefined as never,
      onError: ({ code }) => errors.push(code),
      clock: { ...systemClock, random: () => 0.5 },
    });
    inbox.start();
    await send(eventOf("evt_1"));
    await until("retry");
    const record = await inbox.get("evt_1");
    await inbox.close();
    return { waitMs: (record?.dueAt?.getTime() ?? 0) - (record?.updatedAt.getTime() ?? 0), errors };
  }

  it("decides the wait", async () => {
    expect((await waitOf((attempt) => attempt * 1_000_000)).waitMs).toBe(1_000_000);
  });

  it.each<[string, () => number]>([
    ["throws", () => JSON.parse("{")],
    ["gives NaN", () => Number.NaN],
    ["gives a negative number", () => -1],
    ["gives a text", () => "5" as never],
  ])("leaves it to the default, and tells, when it %s", async (_, retryDelayMs) => {
    const { waitMs, errors } = await waitOf(retryDelayMs);
    expect([waitMs, errors]).toEqual([750, ["INTERNAL", "HANDLER_FAILED"]]);
  });
});
