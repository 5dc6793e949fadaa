import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { newEvent } from "../../../faults/store-values.ts";
import type { ListQuery } from "../../ports/queries.ts";
import { PART_EVENTS } from "../sql/tags.ts";
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

it("keeps erased events in the lists of their names, also when their part is sealed", async () => {
  const store = sqliteStore(new DatabaseSync(":memory:"));
  await store.open();
  const [person, ...others] = Array.from({ length: PART_EVENTS }, () => newEvent({ name: "SEALED", tags: [7] }));
  if (person === undefined) throw new Error("no events");
  for (const event of [person, ...others.slice(1)]) await store.accept(event);
  const open = newEvent({ name: "SEALED", tags: [7] });
  await store.accept(open);
  const { name, nameTag } = person;
  const count = async (query: Partial<ListQuery>) =>
    (await store.list({ ...EVERYTHING, ...query, limit: 2 * PART_EVENTS })).length;
  expect([await count({ name, nameTag }), await count({ tags: [[7]] })]).toEqual([PART_EVENTS, PART_EVENTS]);
  await store.erase([person.key, open.key]);
  expect([await count({ name, nameTag }), await count({ tags: [[7]] })]).toEqual([PART_EVENTS, PART_EVENTS - 2]);
});

it.each(["'not json'", "x'00ff'", "5"])("tags edited to %s hide no other event", async (tags) => {
  const database = new DatabaseSync(":memory:");
  const store = sqliteStore(database);
  await store.open();
  const [edited, other] = [newEvent({ tags: [7] }), newEvent({ tags: [7] })];
  for (const event of [edited, other]) await store.accept(event);
  database.exec(`UPDATE popp_inbox_event SET tags = ${tags} WHERE key = '${edited.key}'`);
  const tagged = async () => (await store.list({ ...EVERYTHING, tags: [[7]] })).map(({ key }) => key);
  expect(await tagged()).toEqual([other.key]);
  for (let at = 0; at < PART_EVENTS; at++) await store.accept(newEvent());
  expect(database.prepare("SELECT COUNT(*) AS parts FROM popp_inbox_part").get()).toEqual({ parts: 1 });
  expect(await tagged()).toEqual([other.key]);
  expect(await store.erase([edited.key, other.key])).toBe(2);
  expect(await tagged()).toEqual([]);
});
