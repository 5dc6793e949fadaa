import { PGlite } from "@electric-sql/pglite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { hasPostgres, type TestSchema, testSchema, withSettings } from "../../../faults/database.ts";
import {
  pgClient,
  pgliteClient,
  postgresJsClient,
  type TestClient,
  type TestClientOptions,
} from "../../../faults/database-clients.ts";
import { claimed, claimOf, newEvent } from "../../../faults/store-values.ts";

const LEAVE = "INSERT INTO marks (text) VALUES ('left')";
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A signal from the test. */
function signal() {
  let tell = () => {};
  const come = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { come, tell: () => tell() };
}

/** The tests of a transaction, for any client. With a single connection, so that a lost one is noticed. */
function describeTransactions(open: (options: TestClientOptions) => Promise<TestClient>): void {
  let client: TestClient;
  const use = async (options: TestClientOptions = {}) => {
    if (options.transactionTimeoutMs !== undefined) {
      // Creates the tables without the limit.
      const patient = await open({ connections: 1 });
      await patient.store.open();
      await patient.end();
    }
    client = await open({ connections: 1, ...options });
    await vi.waitFor(() => client.store.open(), 60_000);
    await client.rows("CREATE TABLE marks (id INT GENERATED ALWAYS AS IDENTITY, text TEXT)");
    return client.store;
  };
  const marks = async () => (await client.rows("SELECT id FROM marks")).length;
  afterEach(() => client.end());

  it("is not committed when the handler ignores a failed statement", async () => {
    const store = await use();
    const lease = await claimed(store);
    const running = store.transact(lease, async (tx) => {
      await client.run(tx, LEAVE);
      await client.run(tx, "SELECT 1 / 0").catch(() => {});
    });
    await expect(running).rejects.toThrow();
    expect([await marks(), (await store.get(lease.key))?.state]).toEqual([0, "processing"]);
  });

  it("is not reported as committed when the commit fails", async () => {
    const store = await use();
    await client.rows(
      "CREATE TABLE pairs (id INT PRIMARY KEY, other INT REFERENCES pairs DEFERRABLE INITIALLY DEFERRED)",
    );
    const lease = await claimed(store);
    const running = store.transact(lease, async (tx) => {
      await client.run(tx, LEAVE);
      await client.run(tx, "INSERT INTO pairs VALUES (1, 2)");
    });
    await expect(running).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", cause: { code: "23503" } });
    expect([await marks(), (await store.get(lease.key))?.state]).toEqual([0, "processing"]);
  });

  it("rethrows the handler's error unchanged", async () => {
    const store = await use();
    const thrown = { not: "an error" };
    const running = store.transact(await claimed(store), async () => {
      throw thrown;
    });
    await expect(running).rejects.toBe(thrown);
    const failed = store.transact(await claimed(store), (tx) => client.run(tx, "SELECT 1 / 0"));
    await expect(failed).rejects.toMatchObject({ code: "22012" });
  });

  it("is rolled back on timeout, and its connection can be used again", async () => {
    const store = await use({ transactionTimeoutMs: 300 });
    const lease = await claimed(store);
    const running = store.transact(lease, async (tx) => {
      await client.run(tx, LEAVE);
      await new Promise(() => {});
    });
    await expect(running).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("transactionTimeoutMs"),
    });
    expect((await store.get(lease.key))?.state).toBe("processing");
    expect(await marks()).toBe(0);
  });

  it("rejects writes of a handler that continues after a failure", async () => {
    const store = await use();
    const writing: Promise<unknown>[] = [];
    const over = signal();
    const running = store.transact(await claimed(store), async (tx) => {
      writing.push(over.come.then(() => client.run(tx, LEAVE)));
      throw new Error("the other half failed");
    });
    await expect(running).rejects.toThrow("the other half failed");
    over.tell();
    expect(await Promise.allSettled(writing)).toMatchObject([{ status: "rejected" }]);
    expect(await marks()).toBe(0);
  });

  it("rejects writes of a handler that continues after the timeout", async () => {
    const store = await use({ transactionTimeoutMs: 300 });
    const writing: Promise<unknown>[] = [];
    const over = signal();
    const lease = await claimed(store);
    const running = store.transact(lease, async (tx) => {
      writing.push(over.come.then(() => client.run(tx, LEAVE)));
      await new Promise(() => {});
    });
    await expect(running).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    // The only connection is usable again.
    expect((await store.get(lease.key))?.state).toBe("processing");
    over.tell();
    expect(await Promise.allSettled(writing)).toMatchObject([{ status: "rejected" }]);
    expect(await marks()).toBe(0);
  });
}

describe("a transaction of PGlite", () => {
  const database = new PGlite();
  beforeAll(() => database.waitReady, 60_000);
  afterAll(() => database.close());
  describeTransactions((options) => pgliteClient(database, options));
});

describe.skipIf(!(await hasPostgres()))("on a server,", () => {
  let schema: TestSchema;
  beforeEach(async () => {
    schema = await testSchema();
  });
  afterEach(() => schema.drop());

  describe.each([
    ["pg", pgClient],
    ["postgres.js", postgresJsClient],
  ] as const)("a transaction of %s", (_, open) => {
    describe("on one connection", () => describeTransactions((options) => open(schema, options)));

    describe("beside other connections", () => {
      let client: TestClient;
      beforeEach(async () => {
        client = await open(schema);
        await client.store.open();
        await client.rows("CREATE TABLE marks (id INT GENERATED ALWAYS AS IDENTITY, text TEXT)");
      });
      afterEach(() => client.end());
      const marks = async () => (await schema.rows("SELECT id FROM marks")).length;
      const kill = async (tx: unknown) => {
        const [row] = await client.run(tx, "SELECT pg_backend_pid() AS pid");
        await schema.rows("SELECT pg_terminate_backend($1)", [row?.pid]);
      };

      it("does not block renewals and duplicates of its event", async () => {
        const { store } = client;
        const lease = await claimed(store);
        const result = await store.transact(lease, async (tx) => {
          await client.run(tx, LEAVE);
          const renewed = await store.renew(lease, 60_000);
          const { outcome } = await store.accept(newEvent({ key: lease.key }));
          return [renewed, outcome];
        });
        expect([result, await marks()]).toEqual([{ value: [true, "duplicate"] }, 1]);
      });

      it("prevents claims of its event, even when the lease has expired", async () => {
        const { store } = client;
        const lease = await claimed(store, { leaseMs: 1 });
        const result = await store.transact(lease, async () => {
          await wait(30);
          return (await store.claim(claimOf())).length;
        });
        expect(result).toEqual({ value: 0 });
        expect((await store.get(lease.key))?.state).toBe("done");
      });

      it("is rolled back when its event was claimed by another process", async () => {
        const { store } = client;
        const lease = await claimed(store, { leaseMs: 1 });
        const result = await store.transact(lease, async (tx) => {
          await client.run(tx, LEAVE);
          await wait(30);
          expect(await store.claim(claimOf({ key: lease.key }))).toHaveLength(1);
        });
        expect([result, await marks()]).toEqual([undefined, 0]);
        expect(await store.get(lease.key)).toMatchObject({ state: "processing", fence: 2 });
      });

      it("is ended by the server if its process freezes, after the server's own timeout if one is set", async () => {
        const setting = "idle_in_transaction_session_timeout";
        const ask = async (tx: unknown) => (await client.run(tx, `SHOW ${setting}`))[0]?.[setting];
        const usual: TestClient = await open(schema, { transactionTimeoutMs: 30_000 });
        const own: TestClient = await open({ ...schema, url: withSettings(schema.url, `-c ${setting}=5000`) });
        for (const { store } of [usual, own]) await store.open();
        const results = [];
        for (const { store } of [usual, own]) results.push(await store.transact(await claimed(store), ask));
        await Promise.all([usual.end(), own.end()]);
        expect(results).toEqual([{ value: "1min" }, { value: "5s" }]);
      });

      it("fails when its connection breaks, and the next call works", async () => {
        const { store } = client;
        const lease = await claimed(store);
        const running = store.transact(lease, async (tx) => {
          await client.run(tx, LEAVE);
          await kill(tx);
          await client.run(tx, LEAVE);
        });
        await expect(running).rejects.toThrow();
        expect([await marks(), (await store.get(lease.key))?.state]).toEqual([0, "processing"]);
        expect(await store.transact(lease, (tx) => client.run(tx, LEAVE))).toBeDefined();
      });

      it("fails at once when its connection breaks while the handler waits", async () => {
        const { store } = client;
        const running = store.transact(await claimed(store), async (tx) => {
          await kill(tx);
          await new Promise(() => {});
        });
        await expect(running).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
        expect((await store.accept(newEvent())).outcome).toBe("accepted");
      });
    });
  });
});
