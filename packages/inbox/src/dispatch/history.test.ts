import { expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { RetryLaterError, UnrecoverableError } from "../index.ts";
import { systemClock } from "../lib/clock.ts";
import { memoryStore } from "../stores/memory/index.ts";

const TIMEOUT_MS = 77_777;

/** Handles one event as often as there are handlers, and returns its history. A handler ends its own time by `timeOut`. */
async function historyAfter(...handlers: readonly ((timeOut: () => void) => unknown)[]) {
  let nowMs = 1_800_000_000_000;
  let timeOut = () => {};
  const after = (delayMs: number, callback: () => void) => {
    if (delayMs !== TIMEOUT_MS) return systemClock.after(delayMs, callback);
    timeOut = callback;
    return () => {};
  };
  const left = [...handlers];
  const { inbox, send } = stage({
    store: memoryStore({ now: () => nowMs }),
    clock: { ...systemClock, after },
    handlerTimeoutMs: TIMEOUT_MS,
    retryBaseMs: 10_000,
    retryMaxMs: 10_000,
    on: { CONVERSATION_STARTED: () => left.shift()?.(timeOut) },
    onError: () => {},
  });
  await send(eventOf("evt_1"));
  for (const _ of handlers) {
    await inbox.sweep();
    nowMs += 60_000;
  }
  return (await inbox.get("evt_1"))?.history;
}

const fails = () => {
  throw new TypeError("no candidate");
};
const error = { name: "TypeError", message: "no candidate", frame: expect.stringContaining("history.test.ts") };

it("each attempt that was not successful is in the history, and the successful one after it", async () => {
  const putsOff = () => {
    throw new RetryLaterError(1_000);
  };
  const hangs = (timeOut: () => void) => {
    timeOut();
    return new Promise(() => {});
  };
  expect(await historyAfter(fails, putsOff, hangs, () => {})).toEqual([
    {
      ...{ kind: "attempt", number: 1, at: new Date(1_800_000_000_000), durationMs: expect.any(Number) },
      ...{ outcome: "failed", error },
    },
    {
      ...{ kind: "attempt", number: 2, at: new Date(1_800_000_060_000), durationMs: expect.any(Number) },
      outcome: "put-off",
    },
    {
      ...{ kind: "attempt", number: 2, at: new Date(1_800_000_120_000), durationMs: expect.any(Number) },
      ...{ outcome: "timed-out", error: expect.objectContaining({ name: "HandlerTimeoutError" }) },
    },
    { ...{ kind: "attempt", number: 3, at: new Date(1_800_000_180_000), durationMs: 0 }, outcome: "done" },
  ]);
});

it("the last attempt of a dead event is in the history", async () => {
  const gives = () => {
    throw new UnrecoverableError("no such candidate");
  };
  expect(await historyAfter(gives)).toMatchObject([
    { outcome: "unrecoverable", error: { name: "UnrecoverableError", message: "no such candidate" } },
  ]);
});
