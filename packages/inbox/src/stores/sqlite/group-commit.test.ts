import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newEvent } from "../../../faults/store-values.ts";
import type { InboxStore } from "../../ports/store.ts";
import type { NewEvent } from "../../ports/stored-event.ts";
import type { SqliteDatabase } from "./database.ts";
import { type SqliteStoreOptions, sqliteStore } from "./index.ts";

const ACCEPTED = { outcome: "accepted", state: "received" };

let database: DatabaseSync;
let commits: number;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  commits = 0;
});
afterEach(() => database.close());

/** A store on the database, with a count of its commits. */
async function opened(options: SqliteStoreOptions = {}): Promise<InboxStore<SqliteDatabase>> {
  const counted: SqliteDatabase = {
    prepare: (sql) => database.prepare(sql),
    exec: (sql) => {
      if (sql === "COMMIT") commits++;
      database.exec(sql);
    },
    close: () => database.close(),
  };
  const store = sqliteStore(counted, options);
  await store.open();
  commits = 0;
  return store;
}

/** Accepts one event in each turn of the event loop. */
function acceptInTurns(store: InboxStore<SqliteDatabase>, events: readonly NewEvent[]): Promise<unknown[]> {
  return new Promise((resolve) => {
    const accepting: Promise<unknown>[] = [];
    const next = () => {
      const event = events[accepting.length];
      if (event === undefined) return resolve(Promise.all(accepting));
      setImmediate(next);
      accepting.push(store.accept(event));
    };
    next();
  });
}

describe("group commit", () => {
  it("concurrent and consecutive writes share a commit", async () => {
    const store = await opened();
    await Promise.all(Array.from({ length: 50 }, () => store.accept(newEvent())));
    expect(commits).toBe(1);
    expect(await acceptInTurns(store, [newEvent(), newEvent(), newEvent()])).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    expect(commits).toBe(2);
  });

  it("a write waits for at most 256 others", async () => {
    const store = await opened();
    await Promise.all(Array.from({ length: 600 }, () => store.accept(newEvent())));
    expect(commits).toBe(3);
  });

  it("a failed write does not fail other writes", async () => {
    const store = await opened();
    database.exec(`CREATE TRIGGER poison BEFORE INSERT ON popp_inbox_event WHEN NEW.name = 'POISON'
      BEGIN SELECT RAISE(ABORT, 'poisoned'); END`);
    const events = [newEvent(), newEvent({ name: "POISON" }), newEvent(), newEvent({ name: "POISON" }), newEvent()];
    const ends = await Promise.allSettled(events.map((event) => store.accept(event)));
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
    const there = await Promise.all(events.map(async ({ key }) => (await store.get(key)) !== undefined));
    expect(there).toEqual([true, false, true, false, true]);
  });

  it("recognizes a duplicate in the same group", async () => {
    const store = await opened();
    const [event, other] = [newEvent(), newEvent({ hash: "other bytes" })];
    const same = { ...event };
    const conflicting = { ...other, key: event.key };
    const outcomes = await Promise.all([event, same, conflicting].map((one) => store.accept(one)));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["accepted", "duplicate", "conflict"]);
    expect(commits).toBe(1);
  });

  it("refuses writes beyond the waiting limit and accepts the others", async () => {
    const store = await opened({ maxPendingWrites: 3 });
    const ends = await Promise.allSettled(Array.from({ length: 5 }, () => store.accept(newEvent())));
    expect(ends.slice(0, 3).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    const refused = { code: "STORE_UNAVAILABLE", message: expect.stringContaining("maxPendingWrites") };
    expect(ends.slice(3)).toMatchObject([{ reason: refused }, { reason: refused }]);
    expect(await store.accept(newEvent())).toEqual(ACCEPTED);
  });
});
