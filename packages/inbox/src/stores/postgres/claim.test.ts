import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasPostgres, type TestSchema, testSchema, withSettings } from "../../../faults/database.ts";
import { claimOf, newEvent } from "../../../faults/store-values.ts";
import { postgresStore } from "./index.ts";
import { claimOperation } from "./sql/claim.ts";

/** Forces the planner, if it can, to run the locking query once for each row that may change. */
const NESTED = ["hashjoin", "hashagg", "mergejoin", "material", "memoize", "sort", "seqscan"]
  .map((way) => `-c enable_${way}=off`)
  // What is forbidden counts as expensive, and what is expensive would be compiled.
  .concat("-c jit=off")
  .join(" ");

describe.skipIf(!(await hasPostgres()))("claiming in Postgres", () => {
  let schema: TestSchema;
  beforeEach(async () => {
    schema = await testSchema();
  });
  afterEach(() => schema.drop());

  async function storeOn(url: string, max: number) {
    const pool = new pg.Pool({ connectionString: url, max });
    const store = postgresStore(pool, { schema: schema.name });
    await store.open();
    return { pool, store };
  }

  // Two claims at once crashed a server (15.20) within seconds while the conditions of a locked row had such subqueries: they may be needed again when
  // somebody has changed the row, and their values are lost then.
  it.each([
    claimOf({ which: "any" }),
    claimOf({ which: "waiting", exclude: ["0".repeat(32)] }),
    claimOf({ which: "abandoned", onlyNames: ["A"], exceptNames: ["B"] }),
    claimOf({ key: "0".repeat(32), exclude: ["1".repeat(32)] }),
  ])("runs no subquery once within a subquery of a row that it locks: %j", async (request) => {
    const { pool } = await storeOn(schema.url, 1);
    const { text, values } = claimOperation(request);
    const { rows } = await pool.query(`EXPLAIN (FORMAT JSON) ${text}`, [...values]);
    const locking = nodesOf(rows[0]["QUERY PLAN"][0].Plan).filter((node) => node["Node Type"] === "LockRows");
    const subqueries = locking.flatMap(nodesOf).filter((node) => node["Parent Relationship"] === "SubPlan");
    expect([locking.length, subqueries.length > 0]).toEqual([1, true]);
    expect(subqueries.flatMap(nodesOf).filter((node) => node["Parent Relationship"] === "InitPlan")).toEqual([]);
    await pool.end();
  });

  it.each([
    ["any", /Index Scan using popp_inbox_state_due.*\n *Index Cond: .*due_at <= /],
    ["waiting", /Index Scan using popp_inbox_state_due.*\n *Index Cond: .*due_at <= /],
    ["abandoned", /Scan (using|on) popp_inbox_state_(state|due)/],
  ] as const)("finds what is due by an index (%s), however much is finished", async (which, index) => {
    const { pool, store } = await storeOn(schema.url, 1);
    await pool.query(`INSERT INTO popp_inbox_state (seq, source, name, state, updated_at, has_body)
      SELECT n, 'test', 'A', 'done', n, TRUE FROM generate_series(1000000, 1100000) AS n`);
    for (let count = 0; count < 20; count++) await store.accept(newEvent());
    const explain = async (sql: string, given: readonly unknown[]) => {
      const { rows } = await pool.query<{ "QUERY PLAN": string }>(`EXPLAIN ${sql}`, [...given]);
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    };
    const { text, values } = claimOperation(claimOf({ which }));
    const neverAnalyzed = await explain(text, values);
    await pool.query("ANALYZE popp_inbox_state");
    const forItsValues = await explain(text, values);
    // After some runs, a prepared statement gets one plan for all values.
    await pool.query(`SET plan_cache_mode = force_generic_plan; PREPARE claim AS ${text}`);
    const literals = values.map((value) => (typeof value === "string" ? pg.escapeLiteral(value) : (value ?? "NULL")));
    const forAny = await explain(`EXECUTE claim (${literals.join(", ")})`, []);
    await pool.end();
    for (const plan of [neverAnalyzed, forItsValues, forAny]) {
      expect(plan).toMatch(index);
      expect(plan).not.toMatch(/Seq Scan on popp_inbox_(?:state|event|body)/);
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

  it("gives one event of each order key to 10 claimants in a race", async () => {
    const handles = await Promise.all(Array.from({ length: 10 }, () => storeOn(schema.url, 1)));
    const events = Array.from({ length: 200 }, (_, at) => newEvent({ orderKey: `order ${at % 20}`, orderAtMs: at }));
    await Promise.all(events.map((event, at) => handles[at % 10]?.store.accept(event)));
    const orderOf = new Map(events.map(({ key, orderKey }) => [key, orderKey]));
    for (let round = 0; round < 10; round++) {
      const requests = handles.map(() => claimOf({ limit: 5 }));
      const claims = await Promise.all(handles.map(({ store }, at) => store.claim(requests[at] ?? claimOf())));
      const keys = claims.flat().map(({ key }) => key);
      const orders = keys.map((key) => orderOf.get(key));
      expect(keys.length).toBeGreaterThan(0);
      expect(new Set(orders).size).toBe(orders.length);
      const settlement = { state: "done", delayMs: null, note: null, counts: true, history: null } as const;
      const settling = claims.flatMap((claimed, at) =>
        claimed.map(({ key }) => handles[at]?.store.settle({ key, token: requests[at]?.token ?? "" }, settlement)),
      );
      expect((await Promise.all(settling)).every(Boolean)).toBe(true);
    }
    await Promise.all(handles.map(({ pool }) => pool.end()));
  });

  it("lets a claim pass a key whose turn another claim has just taken", async () => {
    const { pool, store } = await storeOn(schema.url, 2);
    const [held, free] = [newEvent({ orderKey: "k", orderAtMs: 1 }), newEvent()];
    for (const event of [held, free]) await store.accept(event);
    // As a claim in another process does, between its two steps.
    const other = await pool.connect();
    await other.query("BEGIN");
    await other.query("INSERT INTO popp_inbox_turn VALUES ('k', 0, 9000000000000)");
    const claiming = store.claim(claimOf());
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.query("COMMIT");
    other.release();
    expect((await claiming).map(({ key }) => key)).toEqual([free.key]);
    expect(await store.get(held.key)).toMatchObject({ state: "received", attempts: 0 });
    await pool.end();
  });

  it("renews no lease of an order key that another event has been given since", async () => {
    const { pool, store } = await storeOn(schema.url, 2);
    const [first, second] = [newEvent({ orderKey: "k", orderAtMs: 1 }), newEvent({ orderKey: "k", orderAtMs: 2 })];
    for (const event of [first, second]) await store.accept(event);
    const late = claimOf({ key: first.key, leaseMs: 1 });
    await store.claim(late);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await store.renew({ key: first.key, token: late.token }, 1)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = claimOf({ which: "waiting" });
    expect((await store.claim(next)).map(({ key }) => key)).toEqual([second.key]);
    expect(await store.renew({ key: first.key, token: late.token }, 60_000)).toBe(false);
    expect(await store.renew({ key: second.key, token: next.token }, 60_000)).toBe(true);
    await pool.end();
  });
});

/** A node of a plan. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Parent Relationship"?: string;
  readonly Plans?: readonly PlanNode[];
}

/** A node and all below it. */
function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
