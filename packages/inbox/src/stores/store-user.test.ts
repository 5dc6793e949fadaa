import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { hasPostgres, testSchema } from "../../faults/database.ts";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import { memoryStore } from "./memory/index.ts";
import { postgresStore } from "./postgres/index.ts";
import { sqliteStore } from "./sqlite/index.ts";

function sqliteFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "popp-users-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "inbox.db");
}

/** A store that counts how often it was opened and closed. */
function counted() {
  const inner = memoryStore();
  const calls = { open: 0, close: 0 };
  const store = {
    ...proxied(inner),
    open: async () => {
      calls.open++;
      await inner.open();
    },
    close: async () => {
      calls.close++;
    },
  };
  return { store, calls };
}

it("a SQLite file stays open for the other inbox when one of two is closed", async () => {
  const store = sqliteStore(sqliteFile());
  const [receiver, worker] = [stage({ store }), stage({ store })];
  expect(await receiver.send(eventOf("evt_1"))).toBe(200);
  expect(await worker.inbox.sweep()).toMatchObject({ done: 1 });
  await worker.inbox.close();
  expect(await receiver.send(eventOf("evt_2"))).toBe(200);
  await receiver.inbox.close();
  // The last one has closed the file: the store opens it again.
  const next = stage({ store });
  expect(await next.inbox.sweep()).toMatchObject({ done: 1 });
  await next.inbox.close();
});

it.skipIf(!(await hasPostgres()))(
  "a broken idle connection to Postgres ends no process while an inbox uses it",
  async () => {
    const schema = await testSchema();
    const pool = new pg.Pool({ connectionString: schema.url, max: 2 });
    onTestFinished(async () => {
      await pool.end();
      await schema.drop();
    });
    const store = postgresStore(pool, { schema: schema.name });
    const [receiver, worker] = [stage({ store }), stage({ store })];
    expect(await receiver.send(eventOf("evt_1"))).toBe(200);
    expect(await worker.inbox.sweep()).toMatchObject({ done: 1 });
    await worker.inbox.close();
    // Without a listener, this ends the process.
    expect(pool.listenerCount("error")).toBe(1);
    await receiver.inbox.close();
    expect(pool.listenerCount("error")).toBe(0);
  },
);

it("a store is closed once, by the last inbox, however often each is closed", async () => {
  const { store, calls } = counted();
  const [one, other] = [stage({ store }), stage({ store })];
  await Promise.all([one.send(eventOf("evt_1")), other.send(eventOf("evt_2"))]);
  await Promise.all([one.inbox.close(), one.inbox.close()]);
  await one.inbox.close();
  expect(calls.close).toBe(0);
  await other.inbox.close();
  expect(calls.close).toBe(1);
});

it("an inbox that never used a store does not close it for another", async () => {
  const { store, calls } = counted();
  const [used, unused] = [stage({ store }), stage({ store })];
  await used.send(eventOf("evt_1"));
  await unused.inbox.close();
  expect(calls.close).toBe(0);
  await used.inbox.close();
  expect(calls.close).toBe(1);
});

it("an inbox that could not open a store counts once, and lets go of it", async () => {
  const { store, calls } = counted();
  let isDown = true;
  const failing = {
    ...store,
    open: async () => {
      if (isDown) throw new Error("down");
      await store.open();
    },
  };
  const [one, other] = [stage({ store: failing, onError: () => {} }), stage({ store: failing, onError: () => {} })];
  expect([await one.send(eventOf("evt_1")), await one.send(eventOf("evt_1"))]).toEqual([503, 503]);
  isDown = false;
  expect([await one.send(eventOf("evt_1")), await other.send(eventOf("evt_2"))]).toEqual([200, 200]);
  await one.inbox.close();
  expect(calls.close).toBe(0);
  await other.inbox.close();
  expect(calls.close).toBe(1);
});

it("a store that is opening when its inbox is closed is closed afterwards", async () => {
  const { store, calls } = counted();
  let open: (() => void) | undefined;
  const slow = {
    ...store,
    open: () =>
      new Promise<void>((resolve) => {
        open = resolve;
      }),
  };
  const { inbox, send } = stage({ store: slow, onError: () => {} });
  const sending = send(eventOf("evt_1"));
  await expect.poll(() => open).toBeDefined();
  const closing = inbox.close();
  open?.();
  await Promise.all([closing, sending]);
  expect(calls.close).toBe(1);
});

it("a new inbox opens a store only when the last one has closed it", async () => {
  const { store } = counted();
  const order: string[] = [];
  let closed: (() => void) | undefined;
  const slow = {
    ...store,
    open: async () => {
      order.push("open");
    },
    close: () =>
      new Promise<void>((resolve) => {
        closed = () => {
          order.push("closed");
          resolve();
        };
      }),
  };
  const [old, next] = [stage({ store: slow }), stage({ store: slow })];
  await old.send(eventOf("evt_1"));
  const closing = old.inbox.close();
  await expect.poll(() => closed).toBeDefined();
  const sending = next.send(eventOf("evt_2"));
  await new Promise((resolve) => setImmediate(resolve));
  closed?.();
  expect(await sending).toBe(200);
  await closing;
  expect(order).toEqual(["open", "closed", "open"]);
});
