import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasPostgres, type TestSchema, testSchema, withSettings } from "../../../faults/database.ts";
import { claimOf, newEvent } from "../../../faults/store-values.ts";
import { postgresDialect } from "../sql/dialect.ts";
import { operationsOf } from "../sql/operations.ts";
import { postgresStore } from "./index.ts";

/** Forces the planner, if it can, to run the locking query once for each row that may change. */
const NESTED = ["hashjoin", "hashagg", "mergejoin", "material", "memoize", "sort", "seqscan"]
  .map((way) => `-c enable_${way}=off`)
  .join(" ");

describe.skipIf(!(await hasPostgres()))("claiming in Postgres", () => {
  let schema: TestSchema;
  beforeEach(async () => {
    schema = await testSchema();
  });
  afterEach(() => schema.drop());

  async function storeOn(url: string, max: number) {
    const pool = new pg.Pool({ connectionString: url, max });
    const store = postgresStore(pool);
    await store.open();
    return { pool, store };
  }

  it.each([
    ["any", /Index Scan using popp_inbox_due.*\n *Index Cond: .*due_at <= /],
    ["waiting", /Index Scan using popp_inbox_due.*\n *Index Cond: .*due_at <= /],
    ["abandoned", /Index (Only )?Scan using popp_inbox_(state|due)/],
  ] as const)("finds what is due by an index (%s), however much is finished", async (which, index) => {
    const { pool, store } = await storeOn(schema.url, 1);
    await pool.query(`INSERT INTO popp_inbox (key, source, name, hash, state, received_at, updated_at, last_seen_at)
      SELECT 'finished ' || n, 'test', 'A', '', 'done', n, n, n FROM generate_series(1, 100000) AS n`);
    for (let count = 0; count < 20; count++) await store.accept(newEvent());
    await pool.query("ANALYZE popp_inbox");
    const { text, values } = operationsOf(postgresDialect).claim(claimOf({ which }));
    const resolveOptions = async (sql: string, given: readonly unknown[]) => {
      const { rows } = await pool.query<{ "QUERY PLAN": string }>(`EXPLAIN ${sql}`, [...given]);
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    };
    const forItsValues = await resolveOptions(text, values);
    // After some runs, a prepared statement gets one plan for all values.
    await pool.query(`SET plan_cache_mode = force_generic_plan; PREPARE claim AS ${text}`);
    const literals = values.map((value) => (typeof value === "number" ? value : pg.escapeLiteral(String(value))));
    const forAny = await resolveOptions(`EXECUTE claim (${literals.join(", ")})`, []);
    await pool.end();
    for (const plan of [forItsValues, forAny]) {
      expect(plan).toMatch(index);
      expect(plan).not.toContain("Seq Scan");
    }
  });

  it("claims at most the limit with any query plan", async () => {
    const url = withSettings(schema.url, NESTED);
    const handles = await Promise.all(Array.from({ length: 10 }, () => storeOn(url, 1)));
    await Promise.all(Array.from({ length: 400 }, (_, index) => handles[index % 10]?.store.accept(newEvent())));
    const counts: number[] = [];
    await Promise.all(
      handles.map(async ({ store }) => {
        for (let count = -1; count !== 0; counts.push(count)) {
          count = (await store.claim(claimOf({ limit: 4 }))).length;
        }
      }),
    );
    await Promise.all(handles.map(({ pool }) => pool.end()));
    expect([Math.max(...counts), counts.reduce((sum, count) => sum + count)]).toEqual([4, 400]);
  });

  it("20 concurrent workers on 20 connections claim 500 events, each exactly once", async () => {
    const handles = await Promise.all(Array.from({ length: 20 }, () => storeOn(schema.url, 1)));
    await Promise.all(Array.from({ length: 500 }, (_, index) => handles[index % 20]?.store.accept(newEvent())));
    const seen: string[] = [];
    await Promise.all(
      handles.map(async ({ store }) => {
        for (;;) {
          const claimed = await store.claim(claimOf({ limit: 7 }));
          if (claimed.length === 0) return;
          seen.push(...claimed.map(({ key }) => key));
        }
      }),
    );
    await Promise.all(handles.map(({ pool }) => pool.end()));
    expect([seen.length, new Set(seen).size]).toEqual([500, 500]);
  });
});
