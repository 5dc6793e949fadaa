import { describe, expect, it } from "vitest";
import { createReceiver } from "../receiver.ts";
import { ByteBudget } from "./byte-budget.ts";

/** A budget of 100 bytes with a clock, and readings that record their names when they are refused. */
function setUp() {
  const clock = { now: 0 };
  const refused: string[] = [];
  const budget = new ByteBudget(100, () => clock.now);
  const reading = (name: string) => {
    const end = () => void refused.push(name);
    return { hold: (bytes: number) => budget.hold(end, bytes), release: () => budget.release(end) };
  };
  return { clock, refused, reading };
}

describe("ByteBudget", () => {
  it("refuses nobody up to its limit", () => {
    const { refused, reading } = setUp();
    reading("a").hold(60);
    reading("b").hold(40);
    expect(refused).toEqual([]);
  });

  it("refuses the largest of those that began together", () => {
    const { refused, reading } = setUp();
    reading("small").hold(30);
    reading("large").hold(50);
    reading("new").hold(21);
    expect(refused).toEqual(["large"]);
  });

  it("refuses the oldest of those of one size", () => {
    const { clock, refused, reading } = setUp();
    for (const name of ["oldest", "older", "old"]) {
      reading(name).hold(30);
      clock.now += 5;
    }
    reading("new").hold(30);
    expect(refused).toEqual(["oldest"]);
  });

  it("weighs a large reading of a moment against a small one of a long time", () => {
    const { clock, refused, reading } = setUp();
    reading("small and old").hold(20);
    clock.now = 100;
    reading("large and young").hold(70);
    clock.now = 101;
    reading("new").hold(20);
    expect(refused).toEqual(["small and old"]);
  });

  it("never refuses the one that has just received bytes, however much it holds", () => {
    const { clock, refused, reading } = setUp();
    const growing = reading("growing");
    growing.hold(50);
    clock.now = 1_000;
    for (const name of ["a", "b", "c"]) reading(name).hold(10);
    growing.hold(100);
    expect(refused).toEqual(["a", "b", "c"]);
  });

  it("counts the latest size of a reading, and none of one that has ended", () => {
    const { refused, reading } = setUp();
    const [a, b] = [reading("a"), reading("b")];
    for (const bytes of [10, 40, 60]) a.hold(bytes);
    b.hold(40);
    a.release();
    a.release();
    b.hold(100);
    expect(refused).toEqual([]);
  });

  it("still refuses somebody when the clock goes back", () => {
    const { clock, refused, reading } = setUp();
    reading("a").hold(60);
    clock.now = -1_000;
    reading("b").hold(60);
    expect(refused).toEqual(["a"]);
  });
});

describe("maxBufferedBytes", () => {
  const secret = "the signing secret";

  it.each<[string, object, string]>([
    ["less than maxBytes", { maxBytes: 1_000, maxBufferedBytes: 999 }, "at least `maxBytes`, 1000, received 999"],
    ["less than the default of maxBytes", { maxBufferedBytes: 1_048_575 }, "at least `maxBytes`, 1048576"],
    ["no number", { maxBufferedBytes: "64mb" }, "a number"],
    ["NaN", { maxBufferedBytes: Number.NaN }, "a number"],
  ])("is refused when it is %s", (_, options, sentence) => {
    expect(() => createReceiver({ secret, on: {}, ...options })).toThrowError(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining(`createReceiver: \`maxBufferedBytes\` must be ${sentence}`),
      }),
    );
  });

  it("is as large as maxBytes where that is more than the default", () => {
    expect(() => createReceiver({ secret, on: {}, maxBytes: 100_000_000 })).not.toThrow();
    expect(() => createReceiver({ secret, on: {}, maxBytes: 1_000, maxBufferedBytes: 1_000 })).not.toThrow();
  });
});
