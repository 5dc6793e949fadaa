import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OperatorLine, tellOperator } from "./tell-operator.ts";

const error = vi.spyOn(console, "error");
const warn = vi.spyOn(console, "warn");

/** The limits are kept for the process; each test has codes of its own. */
let code: string;
let tests = 0;

beforeEach(() => {
  error.mockImplementation(() => {});
  warn.mockImplementation(() => {});
  code = `CODE_${++tests}`;
});
afterEach(() => void vi.clearAllMocks());

const line = (more: Partial<OperatorLine> = {}): OperatorLine => ({
  level: "error",
  code,
  sentence: "The store is down: start it.",
  ...more,
});

describe("a line for the operator", () => {
  it("has the code, the message, the event, the class of the cause and the page", () => {
    const event = { eventName: "CONVERSATION_COMPLETED", eventId: "evt_1" };
    tellOperator(line({ event, cause: new TypeError("the candidate's name") }));
    expect(error.mock.calls).toEqual([
      [
        `[popp-webhooks] ${code}: The store is down: start it. (event "CONVERSATION_COMPLETED", id "evt_1", cause TypeError) Page: errors/${code}`,
      ],
    ]);
  });

  it("omits unknown fields", () => {
    tellOperator(line({ event: { eventName: "", eventId: null } }));
    expect(error.mock.calls).toEqual([[`[popp-webhooks] ${code}: The store is down: start it. Page: errors/${code}`]]);
  });

  it.each<[string, unknown, string]>([
    ["a text", "secret", "String"],
    ["null", null, "Object"],
    ["an object without a prototype", Object.create(null), "object"],
    ["a class whose name is a sentence", { constructor: { name: "a secret and more" } }, "object"],
  ])("names the kind of a cause that is %s", (_, cause, kind) => {
    tellOperator(line({ cause }));
    expect(error.mock.calls[0]?.[0]).toContain(`(cause ${kind})`);
  });

  it("survives a cause whose properties throw and a console that throws", () => {
    const hostile = new Proxy({}, { get: () => expect.unreachable("its properties throw") });
    error.mockImplementationOnce(() => {
      throw new Error("closed");
    });
    expect(() => tellOperator(line())).not.toThrow();
    expect(() => tellOperator(line({ cause: hostile }))).not.toThrow();
    expect(error.mock.lastCall?.[0]).toContain("(cause object)");
  });

  it("removes control characters and shortens long ids", () => {
    tellOperator(
      line({ event: { eventName: "A\u001b[31m\u202e\n\u2028\u2029\u0085", eventId: "x".repeat(1_000_000) } }),
    );
    const [text] = error.mock.calls[0] ?? [];
    expect(text).toContain('event "A?[31m?????"');
    expect(text).toMatch(/^[ -~]{1,300}$/);
  });
});

describe("the limits", () => {
  it("are ten errors a minute for each code, then a count with the next line", () => {
    for (let at = 0; at < 25; at++) tellOperator(line(), at);
    tellOperator(line({ code: `${code}_OTHER` }), 30);
    expect(error).toHaveBeenCalledTimes(11);
    tellOperator(line(), 60_000);
    expect(error.mock.lastCall?.[0]).toContain("(15 more like this since the last line)");
    tellOperator(line(), 60_001);
    expect(error.mock.lastCall?.[0]).not.toContain("more like this");
  });

  it("are one warning a minute for each kind", () => {
    const told = (limitedBy: string, nowMs: number) => tellOperator(line({ level: "warn", limitedBy }), nowMs);
    for (const nowMs of [0, 1, 59_999]) {
      told(`${code} A`, nowMs);
      told(`${code} B`, nowMs);
    }
    expect(warn).toHaveBeenCalledTimes(2);
    told(`${code} A`, 60_000);
    expect(warn.mock.lastCall?.[0]).toContain("2 more");
  });

  it("apply across receivers and restart when a clock is set back or invalid", () => {
    for (let at = 0; at < 11; at++) tellOperator(line(), 1_000_000);
    expect(error).toHaveBeenCalledTimes(10);
    tellOperator(line(), 5);
    tellOperator(line(), Number.NaN);
    expect(error).toHaveBeenCalledTimes(12);
  });

  it("apply with a clock that never returns a time", () => {
    for (const nowMs of Array(50).fill(Number.NaN)) tellOperator(line({ level: "warn" }), nowMs);
    // Two, where the minute of the system's clock ends meanwhile.
    expect(warn.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it("forget all kinds instead of keeping an unlimited number", () => {
    for (let at = 0; at < 3_000; at++) tellOperator(line({ level: "warn", limitedBy: `${code} ${at}` }), 0);
    const minutes: unknown = Reflect.get(globalThis, Symbol.for("popp-webhooks.console-lines"));
    expect(minutes).toBeInstanceOf(Map);
    expect((minutes as Map<string, unknown>).size).toBeLessThanOrEqual(1_000);
  });
});
