import { createHash } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasPostgres, type TestSchema, testSchema } from "../../../faults/database.ts";
import { claimOf, newEvent } from "../../../faults/store-values.ts";
import type { ListQuery } from "../../ports/queries.ts";
import type { Operation } from "../sql/statement.ts";
import { postgresStore } from "./index.ts";
import { acceptGroupOperation, acceptOperation } from "./sql/accept.ts";
import { eraseOperation, indexOperation, redriveOperation } from "./sql/change.ts";
import { claimOperation } from "./sql/claim.ts";
import { listOperation, rarestOperation } from "./sql/list.ts";
import { capRejectedOperation, pruneBodiesOperation, pruneRowsOperation } from "./sql/prune.ts";
import { dueInOperation, getOperation, newestDoneOperation, overdueOperation, unindexedOperation } from "./sql/read.ts";
import { completeOperation, renewOperation, settleGroupOperation } from "./sql/settle.ts";

/** How many events the tables have when they are full. */
const FULL = 50_000;

const LIST: ListQuery = {
  ...{ source: "test", state: null, name: null, nameTag: null, note: null, tags: [], sinceMs: 0, untilMs: null },
  ...{ beforeSeq: null, limit: 20, bodies: true },
};

const PRUNE = { source: "test", state: "done", ageMs: 0, limit: 100 } as const;

/** Events of three names, one of them rare; each has a tag of its own and shares one with all others. */
const FILL = [
  `INSERT INTO popp_inbox_event (key, source, name, hash, tags, received_at)
    SELECT md5(n::TEXT), 'test', CASE WHEN n = 7 THEN 'RARE' WHEN n % 2 = 0 THEN 'A' ELSE 'B' END, 'h', ARRAY[1, n + 10], n
    FROM generate_series(1, ${FULL}) AS n`,
  `INSERT INTO popp_inbox_state (seq, source, name, state, note, updated_at, due_at, has_body)
    SELECT seq, source, name, CASE WHEN seq % 5000 = 0 THEN 'dead' WHEN seq % 100 = 0 THEN 'received' ELSE 'done' END,
      CASE WHEN seq % 5000 = 0 THEN 'gave up' END, received_at, CASE WHEN seq % 100 = 0 AND seq % 5000 <> 0 THEN received_at END, TRUE FROM popp_inbox_event`,
  "INSERT INTO popp_inbox_body SELECT seq, '{}', '\\x7b7d' FROM popp_inbox_event",
  "INSERT INTO popp_inbox_tag SELECT unnest(tags), seq FROM popp_inbox_event",
];

/** As many events without an index. */
const FILL_UNINDEXED = `INSERT INTO popp_inbox_event (key, source, name, hash, received_at)
  SELECT md5(n::TEXT), 'test', 'A', 'h', n FROM generate_series(${FULL + 1}, ${2 * FULL}) AS n`;

const LISTS: Readonly<Record<string, Partial<ListQuery>>> = {
  everything: {},
  "a later page": { beforeSeq: 25_000 },
  "a state": { state: "done" },
  "a rare state": { state: "dead" },
  "an absent state": { state: "rejected" },
  "a frequent name": { name: "A" },
  "a rare name": { name: "RARE" },
  "an absent name": { name: "NONE" },
  "a note": { note: "gave up" },
  "since the end": { sinceMs: FULL - 50 },
  "since early": { sinceMs: 100 },
  "since the future": { sinceMs: FULL + 1 },
  "until early": { untilMs: 100 },
  "until the end": { untilMs: FULL - 50 },
  "a frequent tag": { tags: [[1]] },
  "a rare tag": { tags: [[5_010]] },
  "two lists of tags": { tags: [[1], [17, 18]] },
  "a frequent tag and a rare state": { tags: [[1]], state: "dead" },
  "a frequent name and a rare tag": { name: "A", tags: [[30]] },
};

const EXPECTED: Readonly<Record<string, number>> = {
  ...{ "a rare state": 10, "an absent state": 0, "a rare name": 1, "an absent name": 0, "a note": 10 },
  ...{ "since the future": 0, "a rare tag": 1, "two lists of tags": 2, "a frequent tag and a rare state": 10 },
  "a frequent name and a rare tag": 1,
};

function literal(value: unknown): string {
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString("hex")}'`;
  return typeof value === "string" ? pg.escapeLiteral(value) : String(value ?? "NULL");
}

/** The most rows that any step of a plan read, and the steps that read a whole table of events. */
function costOf(plan: unknown): { readonly rows: number; readonly scans: readonly string[] } {
  const steps: Record<string, unknown>[] = [];
  JSON.stringify(plan, (_, value) => {
    if (value !== null && typeof value === "object" && "Node Type" in value) steps.push(value);
    return value;
  });
  const read = steps.map((step) => {
    const all = Number(step["Actual Rows"]) + Number(step["Rows Removed by Filter"] ?? 0);
    return all * Number(step["Actual Loops"]);
  });
  const scans = steps
    .filter(
      (step) => step["Node Type"] === "Seq Scan" && /_(?:event|state|body|tag)$/.test(String(step["Relation Name"])),
    )
    .map((step) => String(step["Relation Name"]));
  return { rows: Math.max(...read), scans };
}

describe.skipIf(!(await hasPostgres()))("the plans of Postgres", () => {
  let schema: TestSchema;
  let pool: pg.Pool;
  beforeEach(async () => {
    schema = await testSchema();
    // Nobody may analyze the tables in between.
    pool = new pg.Pool({ connectionString: schema.url, max: 1 });
    await postgresStore(pool, { schema: schema.name }).open();
    for (const table of ["event", "state", "body", "tag"])
      await pool.query(`ALTER TABLE popp_inbox_${table} SET (autovacuum_enabled = FALSE)`);
  });
  afterEach(async () => {
    await pool.end();
    await schema.drop();
  });

  async function fill(): Promise<void> {
    for (const text of FILL) await pool.query(text);
  }

  async function explain({ text, values }: Pick<Operation<unknown>, "text" | "values">) {
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...values]);
    return costOf(rows[0]?.["QUERY PLAN"]);
  }

  it("read what a list needs, and no more, though nobody has analyzed the tables", async () => {
    await fill();
    for (const [name, query] of Object.entries(LISTS)) {
      const list = { ...LIST, ...query };
      const choice = rarestOperation(list);
      const rarest = choice?.read((await pool.query(choice.text, [...choice.values])).rows);
      const operation = listOperation(list, rarest);
      const found = operation.read((await pool.query(operation.text, [...operation.values])).rows);
      expect([name, found.length]).toEqual([name, EXPECTED[name] ?? 20]);
      expect([name, [...found].sort((one, other) => other.seq - one.seq)]).toEqual([name, found]);
      const { rows, scans } = await explain(operation);
      expect([name, scans]).toEqual([name, []]);
      expect([name, rows <= 1_100]).toEqual([name, true]);
    }
  });

  it("of lists are not compiled, and the connection's setting stays as it is", async () => {
    await pool.query("SET jit = on");
    const seen: unknown[] = [];
    const client = await pool.connect();
    const original = client.query.bind(client);
    // The only connection of the pool: looks at the setting before each list.
    Object.assign(client, {
      query: async (...args: Parameters<typeof original>) => {
        if (JSON.stringify(args).includes("WITH page")) seen.push((await original("SHOW jit")).rows[0]?.jit);
        return original(...args);
      },
    });
    client.release();
    await postgresStore(pool, { schema: schema.name }).list(LIST);
    expect(seen).toEqual(["off"]);
    expect((await pool.query("SHOW jit")).rows).toEqual([{ jit: "on" }]);
  });

  it("made while the tables are empty do for full ones", async () => {
    await pool.query("SET plan_cache_mode = force_generic_plan");
    // Half of the events are stored when the tables are full.
    const keys = Array.from({ length: 20 }, (_, at) =>
      createHash("md5")
        .update(String(at * 1_000))
        .digest("hex"),
    );
    const events = keys.flatMap((key) => [newEvent({ tags: [3, 4] }), newEvent({ key })]);
    const unindexed = Array.from({ length: 20 }, (_, at) =>
      createHash("md5")
        .update(String(FULL + 1 + at))
        .digest("hex"),
    );
    const lease = (key: string) => ({ key, token: "t" });
    const settlement = { state: "done", delayMs: null, note: null, counts: true, history: null } as const;
    const operations: Readonly<Record<string, Pick<Operation<unknown>, "text" | "values">>> = {
      accept: acceptOperation(newEvent()),
      "accept a duplicate": acceptOperation(newEvent({ key: keys[1] ?? "" })),
      "accept a group": acceptGroupOperation(events),
      claim: claimOperation(claimOf({ which: "waiting", limit: 16 })),
      "claim by key": claimOperation(claimOf({ key: keys[0] ?? "" })),
      renew: renewOperation(lease("k"), 1000),
      complete: completeOperation(lease("k")),
      "settle a group": settleGroupOperation(keys.map((key) => ({ lease: lease(key), settlement }))),
      get: getOperation("k"),
      overdue: overdueOperation({ source: "test", lateMs: 0, after: null, limit: 20 }),
      "due in": dueInOperation("k"),
      "newest done": newestDoneOperation("k"),
      unindexed: unindexedOperation("test", 20),
      redrive: redriveOperation(keys, false),
      erase: eraseOperation(keys),
      index: indexOperation(unindexed.map((key) => ({ key, recordId: null, tags: [1], nameTag: 1 }))),
      "prune bodies": pruneBodiesOperation(PRUNE),
      "prune rows": pruneRowsOperation(PRUNE),
      "cap rejected": capRejectedOperation("test", 10),
      list: listOperation(LIST),
      "list a state": listOperation({ ...LIST, state: "dead" }),
      "list a note": listOperation({ ...LIST, note: "gave up" }),
      "list a name": listOperation({ ...LIST, name: "RARE" }),
      "list a tag": listOperation({ ...LIST, tags: [[5_010]] }),
    };
    const named = Object.entries(operations).map(([name, operation], at) => ({ name, operation, as: `plan${at}` }));
    const execute = ({ as, operation }: (typeof named)[number]) =>
      `EXECUTE ${as} (${operation.values.map(literal).join(", ")})`;
    for (const one of named) await pool.query(`PREPARE ${one.as} AS ${one.operation.text}`);
    // The plan is made by the first run.
    for (const one of named) await pool.query(`EXPLAIN ${execute(one)}`);
    await fill();
    await pool.query(FILL_UNINDEXED);
    for (const one of named) {
      const { rows } = await pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${execute(one)}`);
      const cost = costOf(rows[0]?.["QUERY PLAN"]);
      expect([one.name, cost.scans]).toEqual([one.name, []]);
      expect([one.name, cost.rows <= 1_100]).toEqual([one.name, true]);
    }
  });

  it.each(["force_custom_plan", "force_generic_plan"])(
    "do when very many events wait or are old (%s)",
    async (mode) => {
      await fill();
      await pool.query(`SET plan_cache_mode = ${mode}`);
      const operations = {
        claim: ["received", claimOperation(claimOf({ which: "waiting", limit: 16 }))],
        "prune bodies": ["done", pruneBodiesOperation(PRUNE)],
        "prune rows": ["pruned", pruneRowsOperation(PRUNE)],
        "cap rejected": ["rejected", capRejectedOperation("test", 10)],
      } as const;
      for (const [at, [name, [state, { text, values }]]] of Object.entries(operations).entries()) {
        const [isOpen, isPruned] = [state === "received", state === "pruned"];
        await pool.query("UPDATE popp_inbox_state SET state = $1, due_at = $2, has_body = $3", [
          isPruned ? "done" : state,
          isOpen ? 1 : null,
          !isPruned,
        ]);
        await pool.query("VACUUM ANALYZE popp_inbox_state");
        await pool.query("ANALYZE popp_inbox_event, popp_inbox_body, popp_inbox_tag");
        await pool.query(`PREPARE many${at} AS ${text}`);
        const execute = `EXECUTE many${at} (${values.map(literal).join(", ")})`;
        const { rows } = await pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${execute}`);
        const cost = costOf(rows[0]?.["QUERY PLAN"]);
        expect([name, cost.scans]).toEqual([name, []]);
        expect([name, cost.rows <= 1_100]).toEqual([name, true]);
      }
    },
  );
});
