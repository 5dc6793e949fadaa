import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasRedis, REDIS_URL, removeKeys } from "../../../faults/keyspace.ts";
import { eventOf, stage } from "../../../test/stage.ts";
import type { InboxRecord } from "../../index.ts";
import { redisStore } from "./index.ts";

let client: Redis;
let prefix: string;
beforeEach(() => {
  client = new Redis(REDIS_URL);
  prefix = `popp-test-${randomBytes(6).toString("hex")}`;
});
afterEach(async () => {
  await client.quit();
  await removeKeys(prefix);
});

/** Edits one event by hand: `key` is the end of its keys. */
type Edit = (set: { readonly entry: string; readonly body: string; readonly history: string }) => Promise<unknown>;

const field =
  (name: string, value: string): Edit =>
  ({ entry }) =>
    client.hset(entry, name, value);

/** Accepts three events, edits the second by hand, and then handles, delivers and lists what there is. */
async function afterEdit(edit: Edit) {
  const [handled, told, refused]: [unknown[], string[], string[]] = [[], [], []];
  const { inbox, send } = stage(
    {
      store: redisStore(client, { prefix, allowDataLoss: true }),
      on: { CONVERSATION_STARTED: ({ eventId }) => void handled.push(eventId) },
      order: { keyOf: ({ eventId }) => `order of ${eventId}` },
      onError: ({ message }) => told.push(message),
    },
    (message) => refused.push(message),
  );
  const send200 = async (id: string) =>
    expect(await send(eventOf(id, { eventTimestamp: "2026-01-01T00:00:00Z" }))).toBe(200);
  await send200("evt_1");
  const before = await client.keys(`{${prefix}}:entry:*`);
  await send200("evt_edited");
  await send200("evt_3");
  const keys = (await client.keys(`{${prefix}}:entry:*`)).filter((key) => !before.includes(key));
  const entries = await Promise.all(keys.map(async (key) => [key, await client.hget(key, "eventId")] as const));
  const entry = entries.find(([_, id]) => id === "evt_edited")?.[0] ?? expect.unreachable();
  const key = entry.slice(`{${prefix}}:entry:`.length);
  await edit({ entry, body: `{${prefix}}:body:${key}`, history: `{${prefix}}:history:${key}` });
  const list = async (filter = {}) => {
    const records: InboxRecord[] = [];
    for await (const record of inbox.events(filter)) records.push(record);
    return records;
  };
  return { inbox, handled, told, refused, send, list, entry, key };
}

const sweep = async (inbox: { sweep(): Promise<unknown> }) => {
  for (let round = 0; round < 3; round++) await inbox.sweep();
};

describe.skipIf(!(await hasRedis()))("an event in Redis that was edited by hand", () => {
  it.each([
    ...[
      "seq",
      "attempts",
      "crashes",
      "fence",
      "receivedAtMs",
      "updatedAtMs",
      "lastSeenAtMs",
      "dueAtMs",
      "orderAtMs",
    ].flatMap((name) => [
      [`${name} is a text`, field(name, "none")] as const,
      [`${name} is no number`, field(name, "nan")] as const,
      [`${name} is empty`, field(name, "")] as const,
    ]),
    ["duplicates is a text", field("duplicates", "many")],
    ["startedAtMs is a text", field("startedAtMs", "then")],
    ["its state is unknown", field("state", "mine")],
    ["its state is gone", ({ entry }) => client.hdel(entry, "state")],
    ["its name is another", field("name", "OTHER")],
    ["its name is gone", ({ entry }) => client.hdel(entry, "name")],
    ["its source is another", field("source", "other")],
    ["its tags are a text", field("tags", "?! ä")],
    ["its id is bytes that are no text", ({ entry }) => client.hset(entry, "eventId", Buffer.from([0xff, 0xfe]))],
    ["its history has another type", ({ history }) => client.sadd(history, "a member")],
    ["its history is a text", ({ history }) => client.set(history, "not JSON")],
  ] satisfies (readonly [string, Edit])[])(
    "is handled once when %s, listed, and counted when it comes again",
    async (_, edit) => {
      const { inbox, handled, told, refused, send, list } = await afterEdit(edit);
      expect(await list()).toHaveLength(3);
      expect((await list({ since: new Date(Date.now() - 60_000) })).length).toBeGreaterThanOrEqual(2);
      await inbox.timeline();
      await sweep(inbox);
      expect(handled.sort()).toEqual(["evt_1", "evt_3", "evt_edited"]);
      expect((await list()).map(({ state }) => state)).toEqual(["done", "done", "done"]);
      expect((await inbox.stats()).counts).toMatchObject({ received: 0, processing: 0, retry: 0, done: 3 });
      expect(await send(eventOf("evt_edited", { eventTimestamp: "2026-01-01T00:00:00Z" }))).toBe(200);
      expect((await inbox.get("evt_edited"))?.duplicates).toBe(1);
      expect([...told, ...refused]).toEqual([]);
    },
  );

  it.each([
    ["gone", ({ entry }) => client.del(entry)],
    ["a text", async ({ entry }) => client.multi().del(entry).set(entry, "a text").exec()],
    ["a list", async ({ entry }) => client.multi().del(entry).rpush(entry, "one").exec()],
  ] satisfies (readonly [string, Edit])[])(
    "is told of when its data are %s, and accepted when it comes again",
    async (_, edit) => {
      const { inbox, handled, told, send, list, key } = await afterEdit(edit);
      expect(await list()).toHaveLength(2);
      expect(told.splice(0)).toEqual([expect.stringContaining(key)]);
      await sweep(inbox);
      expect(handled.splice(0).sort()).toEqual(["evt_1", "evt_3"]);
      expect(told.splice(0)).toEqual([expect.stringMatching(new RegExp(`CONVERSATION_STARTED.*${key}.*lost`))]);
      expect(await send(eventOf("evt_edited"))).toBe(200);
      await sweep(inbox);
      expect([handled, told]).toEqual([["evt_edited"], []]);
      expect((await inbox.stats()).counts).toMatchObject({ received: 0, done: 3 });
    },
  );

  it("is told of when its data are something else and it is read alone", async () => {
    const { inbox, told, key } = await afterEdit(async ({ entry }) =>
      client.multi().del(entry).set(entry, "text").exec(),
    );
    expect(await inbox.get("evt_edited")).toBeUndefined();
    expect(told).toEqual([expect.stringContaining(key)]);
    expect(await inbox.get("evt_unknown")).toBeUndefined();
    expect(told).toHaveLength(1);
  });

  it.each([
    ["gone", ({ body }) => client.del(body)],
    ["of another type", async ({ body }) => client.multi().del(body).sadd(body, "x").exec()],
    ["a text without headers", ({ body }) => client.set(body, "{}")],
    ["empty", ({ body }) => client.set(body, "")],
    ["longer", ({ body }) => client.append(body, " ")],
  ] satisfies (readonly [string, Edit])[])("is dead and told when its body is %s", async (_, edit) => {
    const { inbox, handled, told, list } = await afterEdit(edit);
    expect(await list({ bodies: true })).toHaveLength(3);
    await sweep(inbox);
    expect(handled.sort()).toEqual(["evt_1", "evt_3"]);
    expect(await inbox.get("evt_edited")).toMatchObject({ state: "dead", note: "body damaged" });
    expect(told).toEqual([expect.stringContaining("hash differs")]);
  });

  it.each(["done", "dead"])("is left as it is when its state was set to %s", async (state) => {
    const { inbox, handled, told } = await afterEdit(field("state", state));
    await sweep(inbox);
    expect(handled.sort()).toEqual(["evt_1", "evt_3"]);
    expect(told).toEqual([]);
    const { counts } = await inbox.stats();
    expect([counts.received, counts.done + counts.dead]).toEqual([0, 3]);
  });

  it("does not stop the others when it makes the claim fail, and is told of", async () => {
    const { inbox, handled, told, send } = await afterEdit(async () => {});
    expect(await send(eventOf("evt_new", { event: "SOMETHING_NEW" }))).toBe(200);
    await client.set(`{${prefix}}:in:processing:4:popp:SOMETHING_NEW`, "a text where a sorted set should be");
    await sweep(inbox);
    expect(handled.sort()).toEqual(["evt_1", "evt_3", "evt_edited"]);
    expect(told).toEqual([expect.stringMatching(/SOMETHING_NEW.*cannot be claimed.*WRONGTYPE.*in a minute/)]);
  });

  it("is told of once when its messages are sent by a queue and it is lost, and sent again when its due time was edited", async () => {
    const { told, key, entry } = await afterEdit(({ entry }) => client.hset(entry, "dueAtMs", "none", "state", "mine"));
    const store = redisStore(client, { prefix, allowDataLoss: true });
    await store.open(({ message }) => told.push(message));
    const overdue = () => store.overdue({ source: "popp", lateMs: 0, after: null, limit: 10 });
    expect((await overdue()).map((event) => event.key)).toContain(key);
    expect(await store.get(key)).toMatchObject({ state: "received", dueAtMs: expect.any(Number) });
    await client.del(entry);
    expect((await overdue()).map((event) => event.key)).not.toContain(key);
    expect(await overdue()).toHaveLength(2);
    expect(told).toEqual([expect.stringMatching(new RegExp(`${key}.*lost`))]);
  });
});

describe.skipIf(!(await hasRedis()))("a damaged count", () => {
  it.each(["latest", "hours:4:popp"])("in %s does not fail a delivery", async (set) => {
    const { send, inbox } = stage({ store: redisStore(client, { prefix, allowDataLoss: true }), on: {} });
    expect(await send(eventOf("evt_1"))).toBe(200);
    const key = `{${prefix}}:${set}`;
    if (set === "latest") await client.set(key, "never");
    else for (const name of await client.hkeys(key)) await client.hset(key, name, "many");
    expect(await send(eventOf("evt_1"))).toBe(200);
    expect(await send(eventOf("evt_2"))).toBe(200);
    await inbox.timeline();
    expect((await inbox.stats()).counts.received).toBe(2);
  });
});
