import { events } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { stage } from "../test/stage.ts";
import { createInbox } from "./index.ts";
import { memoryStore } from "./stores/memory/index.ts";

const store = memoryStore();
const config = (message: string) =>
  expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) });

describe("createInbox checks its options by name", () => {
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "`options` must be an object, received undefined"],
    ["null", null, "`options` must be an object, received null"],
    ["no store", { on: {} }, "`store` must be a store"],
    ["a path as the store", { store: "popp.db", on: {} }, "`store` must be a store, such as sqliteStore"],
    ["no handlers", { store }, "`on` must be an object with your handlers"],
    ["handlers in a Map", { store, on: new Map() }, "`on` must be an object with your handlers"],
    [
      "a catalog with UNRECOGNIZED",
      { store, on: {}, catalog: { ...events, UNRECOGNIZED: events.DOCUMENT_UPLOADED } },
      "`catalog.UNRECOGNIZED` must be absent",
    ],
    [
      "the same, elsewhere",
      { store, on: "elsewhere", catalog: { UNRECOGNIZED: events.DOCUMENT_UPLOADED } },
      "`catalog.UNRECOGNIZED` must be absent",
    ],
    ["half a handler", { store, on: {}, concurrency: 1.5 }, "`concurrency` must be an integer from 1"],
    [
      "NaN attempts",
      { store, on: {}, maxAttempts: Number.NaN },
      "`maxAttempts` must be an integer from 1 to 9007199254740991, received NaN",
    ],
    [
      "a time in words",
      { store, on: {}, leaseMs: "30s" },
      "`leaseMs` must be a number from 1 to 2147483647, received string",
    ],
    ["no time at all", { store, on: {}, storeTimeoutMs: 0 }, "`storeTimeoutMs` must be a number from 1"],
    [
      "a timer that would fire at once",
      { store, on: {}, handlerTimeoutMs: 2 ** 31 },
      "`handlerTimeoutMs` must be a number from 1",
    ],
    ["an alarm that is none", { store, on: {}, alarmAfterMs: -1 }, "`alarmAfterMs` must be a number from 1"],
    ["an empty source", { store, on: {}, source: "" }, "`source` must be a name"],
    ["an onError that is none", { store, on: {}, onError: "log" }, "`onError` must be of type function"],
    [
      "an onConflict in other words",
      { store, on: {}, onConflict: "refuse" },
      '`onConflict` must be "reject" or a function',
    ],
    ["a queue that is none", { store, on: {}, queue: {} }, "`queue` must be a queue"],
    ["telemetry that is none", { store, on: {}, telemetry: {} }, "`telemetry` must be a telemetry"],
    ["an order that is none", { store, on: {}, order: () => "" }, "`order` must be an order"],
    ["a clock that is none", { store, on: {}, clock: Date }, "`clock` must be a clock"],
    [
      "two retry policies",
      { store, on: {}, retryDelayMs: () => 1, retryMaxMs: 5 },
      "`retryDelayMs` replaces `retryBaseMs` and `retryMaxMs`",
    ],
  ])("%s", (_, options, message) => {
    expect(() => createInbox(options as never)).toThrow(config(message));
  });
});

describe("an inbox checks its arguments by name", () => {
  it.each<[string, object, string]>([
    [
      "a state that is none",
      { state: "failed" },
      "`state` must be one of received, processing, retry, done, dead, rejected",
    ],
    ["a date that is none", { since: new Date("soon") }, "`since` must be a valid Date"],
    ["a time as a number", { since: 5 }, "`since` must be a valid Date, received 5"],
    ["an empty page", { limit: 0 }, "`limit` must be an integer from 1"],
    ["a name that is none", { event: 7 }, "`event` must be of type string"],
  ])("%s", async (_, filter, message) => {
    const { inbox } = stage();
    await expect(inbox.events(filter)[Symbol.asyncIterator]().next()).rejects.toThrow(
      config(`inbox.events: ${message}`),
    );
    await expect(inbox.redrive(filter)).rejects.toThrow(config(`inbox.redrive: ${message}`));
  });

  it.each([Number.NaN, -1, "10s" as never])("a grace of %s", async (graceMs) => {
    await expect(stage().inbox.close({ graceMs })).rejects.toThrow(
      config("inbox.close: `graceMs` must be a number from 0"),
    );
  });

  it.each([0, 1.5, Number.NaN])("a sweep of %s events", async (limit) => {
    await expect(stage().inbox.sweep({ limit })).rejects.toThrow(
      config("inbox.sweep: `limit` must be an integer from 1"),
    );
  });

  it("a start after it was closed", async () => {
    const { inbox } = stage();
    await inbox.close();
    expect(() => inbox.start()).toThrow(config("inbox.start: the inbox is closed"));
  });
});
