import { describe, expect, it } from "vitest";
import { appendAttempt } from "./append-attempt.ts";
import { type HistorySource, historyOf } from "./history.ts";

const STORED: HistorySource = {
  ...{ history: null, state: "retry", note: null, attempts: 0, startedAtMs: null, updatedAtMs: 0, lastSeenAtMs: 0 },
  ...{ duplicates: 0, firstDuplicateAtMs: null, conflicts: 0, firstConflictAtMs: null, lastConflictAtMs: null },
};
const attempt = { number: 1, atMs: 1_000, durationMs: 5.4, outcome: "failed" } as const;

describe("the history of an event", () => {
  it("keeps what was thrown: name, message and first frame without its folder", () => {
    const error = new TypeError("x".repeat(600));
    error.stack =
      "TypeError: x\n    at notify (/home/me/app/dist/mail.js:12:9)\n    at main (/home/me/app/dist/main.js:1:1)";
    const [entry] = historyOf({ ...STORED, history: appendAttempt(null, { ...attempt, thrown: error }) });
    expect(entry).toEqual({
      ...{ kind: "attempt", number: 1, at: new Date(1_000), durationMs: 5, outcome: "failed" },
      error: { name: "TypeError", message: "x".repeat(500), frame: "notify (mail.js:12:9)" },
    });
  });

  it.each([
    ["at file:///C:/Users/me/app/mail.js:12:9", "mail.js:12:9"],
    ["at C:\\Users\\me\\app\\mail.js:12:9", "mail.js:12:9"],
    ["notify@file:///home/me/mail.js:12:9", "notify@mail.js:12:9"],
  ])("reads the frame of another engine: %s", (line, frame) => {
    const thrown = Object.assign(new Error("x"), { stack: line });
    expect(historyOf({ ...STORED, history: appendAttempt(null, { ...attempt, thrown }) })).toMatchObject([
      { error: { frame } },
    ]);
  });

  it.each<[string, unknown, object]>([
    ["nothing", undefined, { name: "undefined", message: "undefined", frame: null }],
    ["a text", "a text", { name: "string", message: "a text", frame: null }],
    ["null", null, { name: "object", message: "null", frame: null }],
    ["a function", Object.assign(() => {}, { message: "m", toString: null }), { name: "Object", message: "m" }],
    ["an object that throws", throwing(), { name: "Object", message: "", frame: null }],
  ])("takes anything that may be thrown: %s", (_, thrown, error) => {
    expect(historyOf({ ...STORED, history: appendAttempt(null, { ...attempt, thrown }) })).toMatchObject([{ error }]);
  });

  it("keeps the first 4 and the latest 28 attempts, and every redrive", () => {
    let history: string | null = null;
    for (let number = 1; number <= 100; number++) {
      history = appendAttempt(history, { ...attempt, number, atMs: number * 1_000 });
      if (number === 50) history += '\n{"kind":"redrive","at":50500}';
    }
    const entries = historyOf({ ...STORED, history });
    const numbers = entries.map((entry) => (entry.kind === "attempt" ? entry.number : entry.kind));
    expect(numbers).toEqual([1, 2, 3, 4, "redrive", ...Array.from({ length: 28 }, (_, at) => 73 + at)]);
  });

  it("tells a success by the columns of the event", () => {
    const done: HistorySource = { ...STORED, state: "done", attempts: 2, startedAtMs: 5_000, updatedAtMs: 5_250 };
    expect(historyOf(done)).toEqual([
      { kind: "attempt", number: 2, at: new Date(5_000), durationMs: 250, outcome: "done" },
    ]);
    expect(historyOf({ ...done, note: "unhandled" })).toMatchObject([{ outcome: "unhandled" }]);
    expect(historyOf({ ...done, note: "erased", history: '{"kind":"erase","at":6000}' })).toEqual([
      { kind: "erase", at: new Date(6_000) },
    ]);
  });

  it("has one entry for all duplicates and one for all conflicts, in order of time", () => {
    const repeated = { duplicates: 5, firstDuplicateAtMs: 1_000, lastSeenAtMs: 9_000, conflicts: 2 };
    const stored = { ...STORED, ...repeated, firstConflictAtMs: 500, lastConflictAtMs: 4_000 };
    expect(historyOf(stored)).toEqual([
      { kind: "conflict", at: new Date(500), latest: new Date(4_000), count: 2 },
      { kind: "duplicate", at: new Date(1_000), latest: new Date(9_000), count: 3 },
    ]);
  });
});

function throwing(): object {
  return new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
    },
  );
}
