import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type DurableStorage, durableObjectStore } from "@popp-webhooks/inbox/durable-object";
import { storeCases } from "@popp-webhooks/testing/store";
import { describe, expect, it } from "vitest";
import { holdsVersion1 } from "../test/holds-version-1.ts";
import { VERSION_1_ACCEPT, VERSION_1_ROWS, VERSION_1_TABLES } from "../test/version-1.ts";

/** Runs inside a new object: its storage can only be used there. */
function inPlace<T>(run: (storage: DurableObjectStorage) => Promise<T>): Promise<T> {
  const stub = env.PLACE.get(env.PLACE.newUniqueId());
  return runInDurableObject(stub, (_, { storage }) => run(storage));
}

async function storeUnderTest(storage: DurableObjectStorage) {
  const store = durableObjectStore(storage);
  await store.open();
  storage.sql.exec("CREATE TABLE marks (id INTEGER PRIMARY KEY)");
  return {
    store,
    connect: async () => durableObjectStore(storage),
    sideEffects: {
      write: (tx: DurableStorage) => void tx.sql.exec("INSERT INTO marks DEFAULT VALUES"),
      count: async () => storage.sql.exec("SELECT id FROM marks").toArray().length,
    },
    close: () => store.close(),
  };
}

describe("in a custom Durable Object: the conformance suite for stores", () => {
  it.each(storeCases.map((one) => [one.name, one] as const))("%s", (_, one) =>
    inPlace(async (storage) => one.run(await storeUnderTest(storage))),
  );
});

describe("in a custom Durable Object", () => {
  it("moves the events of version 1 over", () =>
    inPlace(async (storage) => {
      for (const sql of [...VERSION_1_TABLES, ...VERSION_1_ROWS]) storage.sql.exec(sql);
      await expect(durableObjectStore(storage, { migrate: false }).open()).rejects.toMatchObject({
        code: "STORE_UNAVAILABLE",
      });
      const store = durableObjectStore(storage);
      await store.open();
      await holdsVersion1(store);
      expect(() => storage.sql.exec(VERSION_1_ACCEPT)).toThrow(/no such table/);
    }));

  it("does not change tables of a newer version", () =>
    inPlace(async (storage) => {
      storage.sql.exec("CREATE TABLE popp_inbox_schema (version INTEGER PRIMARY KEY)");
      storage.sql.exec("INSERT INTO popp_inbox_schema (version) VALUES (999)");

      await expect(durableObjectStore(storage).open()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });

      const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name LIKE 'popp_inbox%'").toArray();
      expect(tables).toEqual([{ name: "popp_inbox_schema" }]);
    }));
});
