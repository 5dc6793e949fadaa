import { describe, expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { backoffMs, longestBackoffMs } from "./backoff.ts";
import { systemClock } from "./clock.ts";

describe("the default waits between attempts", () => {
  it("have these maximums in seconds", () => {
    const waits = Array.from({ length: 8 }, (_, at) =>
      longestBackoffMs(at + 1, { baseMs: 1_000, maxMs: 3_600_000, growth: 4 }),
    );
    expect(waits.map((ms) => ms / 1_000)).toEqual([1, 4, 16, 64, 256, 1_024, 3_600, 3_600]);
  });

  it("are spread over the whole range", () => {
    const policy = { baseMs: 1_000, maxMs: 3_600_000, growth: 4 };
    expect([0, 0.5, 0.999_999].map((random) => backoffMs(3, policy, () => random))).toEqual([0, 8_000, 15_999]);
  });
});

describe("retryDelayMs", () => {
  /** The wait of an inbox after the first failed attempt, in milliseconds. */
  async function waitOf(retryDelayMs: (attempt: number) => number) {
    const errors: string[] = [];
    const { inbox, send, until } = stage({
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
    expect([waitMs, errors]).toEqual([500, ["INTERNAL", "HANDLER_FAILED"]]);
  });
});
