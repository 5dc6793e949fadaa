import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasRedis, REDIS_URL, removeKeys } from "../../../faults/keyspace.ts";
import { newEvent } from "../../../faults/store-values.ts";
import { holdsVersion1 } from "../../../test/holds-version-1.ts";
import { keyOfVersion1, VERSION_1_EVENTS, VERSION_1_TIMES } from "../../../test/version-1.ts";
import { redisStore } from "./index.ts";

let prefix: string;
let client: Redis;
beforeEach(() => {
  prefix = `popp-test-${randomBytes(6).toString("hex")}`;
  client = new Redis(REDIS_URL);
});
afterEach(async () => {
  await removeKeys(prefix);
  client.disconnect();
});

const opened = (options: object = {}) => redisStore(client, { prefix, allowDataLoss: true, ...options });

/** The keys of version 1. */
async function version1(): Promise<void> {
  const P = `{${prefix}}`;
  await client.set(`${P}:schema`, "1");
  await client.set(`${P}:seq`, "9");
  for (const [seq, state, dueAtMs, hasBody] of VERSION_1_EVENTS) {
    const key = keyOfVersion1(seq);
    const data = { recordId: `conv_${seq}`, organizationId: "org_1" };
    const body = JSON.stringify({ event: "CONVERSATION_STARTED", eventId: `evt_${seq}`, data });
    await client.hset(`${P}:event:${key}`, {
      ...{
        key,
        source: "popp",
        eventId: `evt_${seq}`,
        name: state === "rejected" ? "" : "CONVERSATION_STARTED",
        state,
        seq,
      },
      ...{ hash: "0".repeat(64), attempts: 3, fence: 4, duplicates: 2, conflicts: 1, conflictHash: "1".repeat(64) },
      ...VERSION_1_TIMES,
      ...(dueAtMs !== null && { dueAtMs }),
      ...(state === "dead" && { note: "Error: down" }),
      ...(state === "processing" && { token: "token" }),
      ...(hasBody && { headers: "{}", body }),
    });
    await client.zadd(`${P}:of:popp:all`, seq, key);
    await client.zadd(`${P}:of:popp:state:${state}`, seq, key);
    if (dueAtMs !== null)
      await client.zadd(`${P}:of:popp:${state === "processing" ? "leased" : "waiting"}`, dueAtMs, key);
    else await client.zadd(`${P}:of:popp:${hasBody ? "kept" : "tombs"}`, VERSION_1_TIMES.updatedAtMs, key);
  }
}

/** What the scripts of version 1 do first when they accept a new event, and when they claim. */
const VERSION_1_SCRIPTS = {
  accept: (P: string) => client.eval('return redis.call("INCR", KEYS[1] .. ":seq")', 1, P),
  claim: (P: string) =>
    client.eval('return redis.call("ZRANGEBYSCORE", KEYS[1] .. ":of:popp:waiting", "-inf", "+inf")', 1, P),
};

describe.skipIf(!(await hasRedis()))("keys of version 1 in Redis", () => {
  it("are moved over with all their events, by several at once too", async () => {
    await version1();
    const stores = [opened(), opened(), opened()];
    await Promise.all(stores.map((store) => store.open()));
    await holdsVersion1(stores[0] ?? expect.unreachable());
    const left = await client.keys(`{${prefix}}:event:*`);
    expect(left).toEqual([]);
  });

  it("give errors to a process of version 1 that still runs, and never an empty body", async () => {
    await version1();
    await opened().open();
    await expect(VERSION_1_SCRIPTS.accept(`{${prefix}}`)).rejects.toThrow(/WRONGTYPE/);
    await expect(VERSION_1_SCRIPTS.claim(`{${prefix}}`)).rejects.toThrow(/WRONGTYPE/);
    expect(await client.keys(`{${prefix}}:event:*`)).toEqual([]);
  });

  it("keep the numbers of new events growing", async () => {
    await version1();
    const store = opened();
    await store.open();
    const event = newEvent({ key: "f".repeat(32) });
    await store.accept(event);
    expect((await store.get(event.key))?.seq).toBe(10);
  });

  it("are refused, and left as they are, with `migrate: false`", async () => {
    await version1();
    const before = (await client.keys(`{${prefix}}*`)).sort();
    await expect(opened({ migrate: false }).open()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringMatching(/version 1.*Start the app/),
    });
    expect((await client.keys(`{${prefix}}*`)).sort()).toEqual(before);
  });
});

describe.skipIf(!(await hasRedis()))("the version of the keys", () => {
  it("may be one step ahead, when that version says that this one can read and write it", async () => {
    await client.set(`{${prefix}}:schema`, "3 2");
    const store = opened({ migrate: false });
    await store.open();
    expect((await store.accept(newEvent())).outcome).toBe("accepted");
    await client.set(`{${prefix}}:schema`, "4 3");
    await expect(opened().open()).rejects.toMatchObject({ message: expect.stringContaining("version 4") });
    expect(await client.get(`{${prefix}}:schema`)).toBe("4 3");
  });

  it("is refused when there are no keys and `migrate` is false", async () => {
    await expect(opened({ migrate: false }).open()).rejects.toMatchObject({
      message: expect.stringContaining("no schema yet"),
    });
    expect(await client.keys(`{${prefix}}*`)).toEqual([]);
  });
});
