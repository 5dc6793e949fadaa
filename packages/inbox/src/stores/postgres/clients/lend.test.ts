import pg from "pg";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasPostgres, type TestSchema, testSchema } from "../../../../faults/database.ts";
import { claimed } from "../../../../faults/store-values.ts";
import { postgresStore } from "../index.ts";
import { lend } from "./lend.ts";

describe("a lent client", () => {
  class Counter {
    #count = 0;
    static readonly step = 2;
    add(): number {
      this.#count += Counter.step;
      return this.#count;
    }
  }

  it("works like the original, including private fields", () => {
    const { tx } = lend(new Counter());
    expect([tx.add(), tx.add()]).toEqual([2, 4]);
    expect([tx instanceof Counter, tx.constructor.name, Reflect.get(tx.constructor, "step")]).toEqual([
      true,
      "Counter",
      2,
    ]);
  });

  it("stops working when it is revoked, and so do its methods", () => {
    const { tx, end } = lend(new Counter());
    const { add } = tx;
    end();
    expect(() => tx.add()).toThrow("This transaction has ended");
    expect(() => add()).toThrow("This transaction has ended");
  });
});

describe.skipIf(!(await hasPostgres()))("a lent transaction", () => {
  let schema: TestSchema;
  beforeEach(async () => {
    schema = await testSchema();
  });
  afterEach(() => schema.drop());

  it("works like one of pg", async () => {
    const pool = new pg.Pool({ connectionString: schema.url });
    const store = postgresStore(pool, { schema: schema.name });
    await store.open();
    const result = await store.transact(await claimed(store), async (client) => {
      const notices: (string | undefined)[] = [];
      const hear = ({ message }: { readonly message?: string | undefined }) => notices.push(message);
      client.on("notice", hear);
      await client.query("DO $$ BEGIN RAISE NOTICE 'heard'; END $$");
      client.off("notice", hear);
      await client.query("DO $$ BEGIN RAISE NOTICE 'unheard'; END $$");
      const { rows } = await new Promise<pg.QueryResult>((resolve, reject) =>
        client.query("SELECT $1::INT AS one", [1], (error, answer) => (error ? reject(error) : resolve(answer))),
      );
      return [notices, rows, client instanceof pg.Client];
    });
    await pool.end();
    expect(result).toEqual({ value: [["heard"], [{ one: 1 }], true] });
  });

  it("works like one of postgres.js, with savepoints, and revokes them too", async () => {
    const sql = postgres(schema.url, {
      types: { shout: { to: 1043, from: [], serialize: (text: string) => text.toUpperCase(), parse: String } },
    });
    const store = postgresStore(sql, { schema: schema.name });
    await store.open();
    const kept: (() => unknown)[] = [];
    const result = await store.transact(await claimed(store), async (transaction) => {
      await transaction`CREATE TABLE ${transaction("marks")} (text TEXT)`;
      await transaction
        .savepoint(async (inner) => {
          kept.push(() => inner`SELECT 1`);
          await inner`INSERT INTO marks VALUES ('undone')`;
          throw new Error("undo this");
        })
        .catch(() => {});
      await transaction`INSERT INTO marks ${transaction([{ text: "kept" }])}`;
      const typed = await transaction`SELECT ${transaction.typed.shout("loud")} AS text`;
      return [await transaction`SELECT text FROM marks`, typed];
    });
    for (const use of kept) expect(use).toThrow("This transaction has ended");
    await sql.end();
    expect(result).toEqual({ value: [[{ text: "kept" }], [{ text: "LOUD" }]] });
  });
});
