import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { newEvent } from "../../../faults/store-values.ts";
import type { ListQuery } from "../../ports/queries.ts";
import { sqliteStore } from "./index.ts";

const EVERYTHING: ListQuery = {
  ...{ source: "test", state: null, name: null, nameTag: null, note: null, tags: [] },
  ...{ sinceMs: 0, untilMs: null, beforeSeq: null, limit: 100, bodies: false },
};

/** A store whose events are far from each other, so that a list or a timeline takes several statements to look at them. */
async function withFarEvents() {
  const database = new DatabaseSync(":memory:");
  const store = sqliteStore(database);
  await store.open();
  const keys: string[] = [];
  for (const seq of [1, 2, 20_000, 20_001, 45_000, 90_000, 90_001]) {
    database.exec(`UPDATE sqlite_sequence SET seq = ${seq - 1} WHERE name = 'popp_inbox_event'`);
    const event = newEvent({ name: seq % 2 === 0 ? "EVEN" : "ODD", deadReason: "a reason" });
    await store.accept(event);
    keys.unshift(event.key);
  }
  return { store, keys };
}

it("lists by what no index finds, some events at a time, newest first, and page by page", async () => {
  const { store, keys } = await withFarEvents();
  const noted = { ...EVERYTHING, note: "a reason" };
  expect((await store.list(noted)).map(({ key }) => key)).toEqual(keys);
  expect((await store.list({ ...noted, limit: 3 })).map(({ seq }) => seq)).toEqual([90_001, 90_000, 45_000]);
  expect((await store.list({ ...noted, beforeSeq: 20_000 })).map(({ seq }) => seq)).toEqual([2, 1]);
  expect(await store.list({ ...EVERYTHING, note: "another" })).toEqual([]);
});

it.each([
  ["with a name that is rarer than the state", "EVEN"],
  ["with a name that is as frequent", "ODD"],
])("lists by state and name: %s", async (_, name) => {
  const { store } = await withFarEvents();
  for (let more = 0; more < 3; more++) await store.accept(newEvent({ name: "ODD" }));
  const { nameTag } = newEvent({ name });
  const seqs = async (state: "dead" | "received") =>
    (await store.list({ ...EVERYTHING, state, name, nameTag })).map(({ seq }) => seq);
  expect(await seqs("dead")).toEqual(name === "EVEN" ? [90_000, 45_000, 20_000, 2] : [90_001, 20_001, 1]);
  expect(await seqs("received")).toHaveLength(name === "EVEN" ? 0 : 3);
});

it("counts a timeline some events at a time", async () => {
  const { store, keys } = await withFarEvents();
  const sinceMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;
  const times = { source: "test", sinceMs, untilMs: sinceMs + 10 * 86_400_000, bucketMs: 10 * 86_400_000 };
  const [bucket, ...others] = await store.timeline(times);
  expect([bucket, others]).toEqual([{ atMs: sinceMs, received: keys.length, done: 0, dead: 7, duplicates: 0 }, []]);
  expect(await store.timeline({ ...times, sinceMs: 0, untilMs: 1_000 })).toEqual([]);
});
