import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { d1Store } from "./d1/index.ts";
import { memoryStore } from "./memory/index.ts";
import { postgresStore } from "./postgres/index.ts";
import { redisStore } from "./redis/index.ts";
import { sqliteStore } from "./sqlite/index.ts";

const config = (message: string) =>
  expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) });

/** Clients with the methods that a store checks before it is opened. */
const pool = { connect() {}, query() {}, totalCount: 0 } as never;
const redis = { sendCommand() {} } as never;

describe("a store's options are checked by name", () => {
  it.each<[string, () => unknown, string]>([
    [
      "an unset variable",
      () => sqliteStore(undefined as never),
      "sqliteStore: expected the path of a file, or an open database",
    ],
    ["null", () => sqliteStore(null as never), "sqliteStore: expected the path of a file, or an open database"],
    ["an empty path", () => sqliteStore(""), "An environment variable may be unset"],
    [
      "a connection that is none",
      () => sqliteStore({} as never),
      "sqliteStore: expected the path of a file, or an open database",
    ],
    [
      "a URL",
      () => sqliteStore(new URL("file:///popp.db") as never),
      "sqliteStore: expected the path of a file, or an open database",
    ],
    [
      "NaN writes",
      () => sqliteStore("x.db", { maxPendingWrites: Number.NaN }),
      "sqliteStore: `maxPendingWrites` must be an integer from 1",
    ],
    [
      "a negative wait",
      () => sqliteStore("x.db", { busyTimeoutMs: -1 }),
      "sqliteStore: `busyTimeoutMs` must be a number from 0 to 2147483647, received -1",
    ],
    ["options that are none", () => sqliteStore("x.db", "fast" as never), "sqliteStore: `options` must be an object"],
    ["half an event", () => memoryStore({ maxEvents: 0.5 }), "memoryStore: `maxEvents` must be an integer from 1"],
    ["a clock that is none", () => memoryStore({ now: 5 as never }), "memoryStore: `now` must be of type function"],
    ["no pool", () => postgresStore(undefined as never), "postgresStore: expected a `Pool` of pg"],
    [
      "calls without an end",
      () => postgresStore(pool, { maxPendingCalls: Number.POSITIVE_INFINITY }),
      "postgresStore: `maxPendingCalls` must be an integer from 1",
    ],
    [
      "prepare in words",
      () => postgresStore(pool, { prepare: "yes" as never }),
      "postgresStore: `prepare` must be of type boolean",
    ],
    [
      "a schema that is a number",
      () => postgresStore(pool, { schema: 5 as never }),
      "postgresStore: `schema` must be of type string",
    ],
    ["no client", () => redisStore(undefined as never), "redisStore: expected a client of ioredis"],
    ["braces", () => redisStore(redis, { prefix: "{popp}" }), "redisStore: `prefix` must be a name without braces"],
    [
      "data loss in words",
      () => redisStore(redis, { allowDataLoss: "yes" as never }),
      "redisStore: `allowDataLoss` must be of type boolean",
    ],
    ["no binding", () => d1Store(undefined as never), "d1Store: expected a D1 binding"],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(config(message));
  });
});

describe("a SQLite file in a missing folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "popp-inbox-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "absent", "popp.db");
  const sentence = `The SQLite file ${path} cannot be opened: its folder ${join(folder, "absent")} must exist`;

  it.each([{}, "elsewhere"] as const)("is reported at start (on: %j)", async (on) => {
    const told: string[] = [];
    const { inbox } = stage({ store: sqliteStore(path), on, onError: ({ message }) => told.push(message) });
    inbox.start();
    await vi.waitFor(() => expect(told[0]).toContain(sentence), { timeout: 60_000 });
    await inbox.close();
  });

  it("is reported with the first delivery", async () => {
    const told: string[] = [];
    const { send } = stage({ store: sqliteStore(path) }, (message) => told.push(message));
    expect(await send(eventOf("evt_1"))).toBe(503);
    expect(told).toEqual([expect.stringContaining(sentence)]);
  });
});
