import { describe, expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { isRetryLaterError, RetryLaterError, UnrecoverableError } from "../index.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** Runs one event through a handler that throws, and returns what became of it and what was reported. */
async function handled(thrown: () => unknown, state: string, maxAttempts = 2) {
  const errors: unknown[] = [];
  const { inbox, send, until } = stage({
    on: {
      CONVERSATION_STARTED: () => {
        throw thrown();
      },
    },
    maxAttempts,
    onError: ({ code }) => errors.push(code),
  });
  inbox.start();
  await send(eventOf("evt_1"));
  await until(state);
  const record = await inbox.get("evt_1");
  await inbox.close();
  return { record, errors };
}

const inMs = (due: Date | null | undefined) => (due?.getTime() ?? Number.NaN) - Date.now();

describe("a handler that throws RetryLaterError", () => {
  it("delays its event without a failure or a used attempt", async () => {
    const { record, errors } = await handled(() => new RetryLaterError(3_600_000), "retry");
    expect(record).toMatchObject({ state: "retry", attempts: 0, note: "put off" });
    expect(inMs(record?.dueAt)).toBeGreaterThan(3_000_000);
    expect(errors).toEqual([]);
  });

  it("leaves its event dead when it delayed it for longer than bodies are kept", async () => {
    const DAY_MS = 86_400_000;
    let nowMs = 1_800_000_000_000;
    const { inbox, send, transitions } = stage({
      store: memoryStore({ now: () => nowMs }),
      keepBodiesDays: 3,
      on: {
        CONVERSATION_STARTED: () => {
          throw new RetryLaterError(DAY_MS);
        },
      },
    });
    await send(eventOf("evt_1"));
    for (let day = 0; day <= 3; day++) {
      expect(await inbox.sweep()).toMatchObject({ retry: 1 });
      nowMs += DAY_MS;
    }
    expect(await inbox.sweep()).toMatchObject({ dead: 1 });
    expect(transitions.at(-1)).toMatchObject({ state: "dead", note: "put off" });

    await inbox.redrive("evt_1");
    expect(await inbox.sweep()).toMatchObject({ retry: 1, dead: 0 });
  });

  it("uses an attempt with `counts` and becomes dead after the last one", async () => {
    const once = await handled(() => new RetryLaterError(3_600_000, { counts: true }), "retry");
    expect(once.record).toMatchObject({ state: "retry", attempts: 1 });
    const last = await handled(() => new RetryLaterError(0, { counts: true }), "dead", 2);
    expect(last.record).toMatchObject({ state: "dead", attempts: 2, note: "put off" });
  });

  it("delays it by at most seven days", async () => {
    const { record } = await handled(() => new RetryLaterError(Number.POSITIVE_INFINITY), "retry");
    const days = inMs(record?.dueAt) / 86_400_000;
    expect([days > 6.9, days <= 7.001]).toEqual([true, true]);
  });

  it("works with the error class of another copy of this package", async () => {
    const { record } = await handled(
      () => Object.assign(new Error("later"), { name: "RetryLaterError", delayMs: 3_600_000 }),
      "retry",
    );
    expect(record).toMatchObject({ attempts: 0, note: "put off" });
  });

  it.each([Number.NaN, -1, "60000" as never, undefined as never])("refuses the delay %j", (delayMs) => {
    expect(() => new RetryLaterError(delayMs)).toThrow("RetryLaterError: `delayMs` must be a number from 0");
  });
});

describe("a handler that throws UnrecoverableError", () => {
  it.each<[string, () => Error]>([
    ["ours", () => new UnrecoverableError("no such candidate")],
    ["BullMQ's", () => Object.assign(new Error("no such candidate"), { name: "UnrecoverableError" })],
  ])("has its event dead at once, with the reason (%s)", async (_, thrown) => {
    const { record, errors } = await handled(thrown, "dead", 8);
    expect(record).toMatchObject({ state: "dead", attempts: 1, note: "UnrecoverableError: no such candidate" });
    expect(errors).toEqual(["HANDLER_FAILED"]);
  });
});

it("recognizes errors by their name", () => {
  const hostile = new Proxy({}, { get: () => JSON.parse("{") });
  const others = [
    new Error("later"),
    { name: "RetryLaterError" },
    { name: "RetryLaterError", delayMs: 5 },
    hostile,
    null,
    undefined,
    7,
  ];
  expect(others.map(isRetryLaterError)).toEqual(others.map(() => false));
  expect(isRetryLaterError(new RetryLaterError(5))).toBe(true);
});
