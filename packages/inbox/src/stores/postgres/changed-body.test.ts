import pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { hasPostgres, testSchema } from "../../../faults/database.ts";
import { eventOf, stage } from "../../../test/stage.ts";
import { postgresStore } from "./index.ts";

/** A pool that sends bytes as their hex text, as postgres.js does through a pooler that mixes prepared statements. */
class HexPool extends pg.Pool {
  // The join: one of the signatures of `query`.
  override query = ((statement: { readonly values: readonly unknown[] }) => {
    const values = statement.values.map((value) => (value instanceof Uint8Array ? hexOf(value) : value));
    return Reflect.apply(pg.Pool.prototype.query, this, [{ ...statement, values }]);
  }) as unknown as pg.Pool["query"];
}

function hexOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(`\\x${Buffer.from(bytes).toString("hex")}`);
}

it.skipIf(!(await hasPostgres()))(
  "a body that was changed on its way is refused and told, alone and in a group",
  async () => {
    const schema = await testSchema();
    const pool = new HexPool({ connectionString: schema.url, max: 2 });
    onTestFinished(async () => {
      await pool.end();
      await schema.drop();
    });
    const told: string[] = [];
    const { inbox, send } = stage({ store: postgresStore(pool, { schema: schema.name }) }, (message) =>
      told.push(message),
    );
    expect(await send(eventOf("evt_0"))).toBe(503);
    const group = Array.from({ length: 5 }, (_, at) => send(eventOf(`evt_${at}`)));
    expect(await Promise.all(group)).toEqual([503, 503, 503, 503, 503]);
    expect(told).toHaveLength(6);
    expect(told[0]).toContain("another body than was sent");
    expect((await inbox.stats()).counts.received).toBe(0);
  },
);
