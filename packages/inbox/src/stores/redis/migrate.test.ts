import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasRedis, REDIS_URL, removeKeys } from "../../../faults/keyspace.ts";
import { listOf, newEvent } from "../../../faults/store-values.ts";
import { holdsVersion1 } from "../../../test/holds-version-1.ts";
import { hashOfVersion1, keyOfVersion1 } from "../../../test/version-1.ts";
import { acceptArguments, claimArguments, runVersion1, storeVersion1 } from "../../../test/version-1-redis.ts";
import type { InboxStore } from "../../ports/store.ts";
import { connectionOf } from "./connection.ts";
import { redisStore } from "./index.ts";
import { type RunScript, scriptRunner } from "./run-script.ts";
import { closeScript, moveScript, openScript } from "./scripts/move.ts";

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

function storeOf(options: { readonly migrate?: boolean } = {}): InboxStore {
  return redisStore(client, { prefix, allowDataLoss: true, ...options });
}

/** Everything that the server holds of the prefix. */
async function dump(): Promise<readonly unknown[]> {
  const keys = (await client.keys(`{${prefix}}:*`)).sort();
  const read = async (key: string): Promise<unknown> => {
    const type = await client.type(key);
    if (type === "string") return client.get(key);
    if (type === "hash") return Object.entries(await client.hgetall(key)).sort();
    return type === "set" ? (await client.smembers(key)).sort() : client.zrange(key, "0", "-1", "WITHSCORES");
  };
  return Promise.all(keys.map(async (key) => [key, await read(key)]));
}

/** Begins the move of events one script after the other, as a process does that may end between them. */
async function beginMove(): Promise<RunScript> {
  const run = scriptRunner(connectionOf(client).send, `{${prefix}}`);
  await run(openScript, []);
  // Other tests may have filled the server with more keys than one call looks at.
  let cursor = "0";
  do {
    cursor = String(await run(closeScript, [cursor]));
  } while (cursor !== "0");
  return run;
}

const REFUSED = { code: "STORE_UNAVAILABLE" };

describe.skipIf(!(await hasRedis()))("keys of version 1", () => {
  beforeEach(() => storeVersion1(client, prefix));

  it("are moved with all their events when they are opened, by several at once too", async () => {
    const stores = [storeOf(), storeOf(), storeOf()];
    await Promise.all(stores.map((store) => store.open()));
    await holdsVersion1(stores[0] ?? expect.unreachable());
    expect(await client.keys(`{${prefix}}:event:*`)).toEqual([]);
  });

  it("keep the numbers of new events growing", async () => {
    const [store, event] = [storeOf(), newEvent({ key: "f".repeat(32) })];
    await store.open();
    await store.accept(event);
    expect((await store.get(event.key))?.seq).toBe(10);
  });

  it("are moved whatever is in the prefix", async () => {
    prefix = `popp-test-[x*y?]${randomBytes(6).toString("hex")}\\`;
    await storeVersion1(client, prefix);
    const store = storeOf();
    await store.open();
    expect(await store.list(listOf())).toHaveLength(7);
    const keys = (await client.keys("*")).filter((key) => key.startsWith(`{${prefix}}`));
    await client.unlink(...keys);
  });

  it("are moved in steps, and the next process goes on where one ended", async () => {
    const pipeline = client.pipeline();
    for (let seq = 10; seq < 1_010; seq++) {
      const key = keyOfVersion1(seq);
      const fields = { key, source: "popp", state: "done", seq, name: "X", hash: key, body: `${seq}`, headers: "{}" };
      pipeline.hset(`{${prefix}}:event:${key}`, { ...fields, receivedAtMs: seq, updatedAtMs: seq, lastSeenAtMs: seq });
      pipeline.zadd(`{${prefix}}:of:popp:all`, seq, key);
    }
    await pipeline.exec();
    const run = await beginMove();
    for (let step = 0; step < 3; step++) await run(moveScript, []);
    const store = storeOf();
    await store.open();
    expect(await store.list(listOf({ limit: 2_000, untilMs: 2_000, state: "done" }))).toHaveLength(1_000);
    expect((await store.stats("popp")).names.X).toEqual({ done: 1_000 });
    const { body, headers } = (await store.get(keyOfVersion1(1_000))) ?? {};
    expect([String(Buffer.from(body ?? [])), headers]).toEqual(["1000", "{}"]);
  });

  it("give errors to a process of version 1 that still runs, and never an empty body", async () => {
    const [claimed] = (await runVersion1(client, prefix, "claim", ...claimArguments(keyOfVersion1(1)))) as unknown[][];
    expect(claimed).toContain("token of version 1");
    const store = storeOf();
    await store.open();
    const before = await dump();
    await expect(runVersion1(client, prefix, "accept", ...acceptArguments("a new one"))).rejects.toThrow("integer");
    const known = acceptArguments(keyOfVersion1(5));
    await expect(runVersion1(client, prefix, "accept", ...known)).rejects.toThrow("integer");
    await expect(runVersion1(client, prefix, "claim", ...claimArguments())).rejects.toThrow("WRONGTYPE");
    await expect(runVersion1(client, prefix, "stats", "popp", "received")).rejects.toThrow("WRONGTYPE");
    // What it cannot find it has lost: 0 tells its handler that the lease is gone.
    expect(await runVersion1(client, prefix, "claim", ...claimArguments(keyOfVersion1(3)))).toEqual([]);
    const lease = [keyOfVersion1(1), "token of version 1"];
    expect(await runVersion1(client, prefix, "renew", ...lease, "60000")).toBe(0);
    expect(await runVersion1(client, prefix, "settle", ...lease, "done", "", "0")).toBe(0);
    expect(await dump()).toEqual(before);
  });

  it("give errors to such a process while they are moved, but for duplicates of what is not moved yet", async () => {
    await beginMove();
    const before = await dump();
    const call = (...args: Parameters<typeof runVersion1> extends [unknown, unknown, ...infer Rest] ? Rest : never) =>
      runVersion1(client, prefix, ...args);
    await expect(call("accept", ...acceptArguments("a new one"))).rejects.toThrow("integer");
    await expect(call("claim", ...claimArguments())).rejects.toThrow("WRONGTYPE");
    await expect(call("claim", ...claimArguments(keyOfVersion1(1)))).rejects.toThrow("WRONGTYPE");
    await expect(call("settle", keyOfVersion1(2), "token", "done", "", "0")).rejects.toThrow("WRONGTYPE");
    await expect(call("renew", keyOfVersion1(2), "token", "60000")).rejects.toThrow("WRONGTYPE");
    expect(await dump()).toEqual(before);
    const known = acceptArguments(keyOfVersion1(1), hashOfVersion1(1));
    expect(await call("accept", ...known)).toEqual(["duplicate", "received"]);
    const store = storeOf();
    await store.open();
    expect(await store.get(keyOfVersion1(1))).toMatchObject({ duplicates: 3, state: "received" });
  });

  it("are refused, and left as they are, with `migrate: false`", async () => {
    const before = await dump();
    await expect(storeOf({ migrate: false }).open()).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringMatching(/version 1.*migrate: false.*Start the app/),
    });
    expect(await dump()).toEqual(before);
  });
});

describe.skipIf(!(await hasRedis()))("a store's version", () => {
  it("is refused when there are no keys and `migrate` is false", async () => {
    await expect(storeOf({ migrate: false }).open()).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining("no schema yet"),
    });
    expect(await dump()).toEqual([]);
  });

  it("is taken with `migrate: false` when it is this one", async () => {
    await storeOf().open();
    const store = storeOf({ migrate: false });
    await store.open();
    expect((await store.accept(newEvent())).outcome).toBe("accepted");
  });

  it("is taken one step ahead when that one says that it may be, and refused otherwise", async () => {
    await storeOf().open();
    for (const text of ["3 2", "3 3", "3"]) {
      await client.set(`{${prefix}}:schema`, text);
      const before = await dump();
      const store = storeOf();
      if (text === "3 2") {
        await store.open();
        expect(await dump()).toEqual(before);
        expect((await store.accept(newEvent({ key: keyOfVersion1(77) }))).outcome).toBe("accepted");
      } else {
        await expect(store.open()).rejects.toMatchObject({ ...REFUSED, message: expect.stringContaining("version 3") });
        expect(await dump()).toEqual(before);
      }
    }
  });
});
