import { describe, expect, it } from "vitest";
import { DATABASE_URL, hasPostgres, testSchema } from "./database.ts";
import { pgClient } from "./database-clients.ts";
import { ownPostgres, postgresPrograms } from "./own-postgres.ts";
import { failingServerFaults, leftAfterCrash, type ServerPlace, sharedServerFaults } from "./server-faults.ts";

async function schemaOn(url: string): Promise<ServerPlace> {
  const schema = await testSchema(url);
  return {
    where: { url, namespace: schema.name },
    count: async (state) => {
      const [row] = await schema.rows("SELECT COUNT(*) AS events FROM popp_inbox_state WHERE state = $1", [state]);
      return Number(row?.events);
    },
    end: () => schema.drop(),
  };
}

describe.skipIf(!(await hasPostgres()))("processes on one Postgres", () =>
  sharedServerFaults("postgres", schemaOn, DATABASE_URL),
);

const programs = postgresPrograms();

describe.skipIf(programs === undefined)("a separate Postgres", () => {
  const start = (settings: readonly string[] = []) => ownPostgres(programs ?? "", settings);

  failingServerFaults(["postgres", "postgres.js"], schemaOn, start);

  it("would lose some if it answered before writing to disk, so it is refused", async (context) => {
    const server = await start(["synchronous_commit=off", "wal_writer_delay=10s"]);
    context.onTestFinished(() => server.end());
    const left = await leftAfterCrash(context, schemaOn, server, { kind: "postgres", allowUnsafeCommit: true });
    expect(left).toBeLessThan(200);
  });

  it("is refused when its fsync is off", async ({ onTestFinished }) => {
    const server = await start(["fsync=off"]);
    onTestFinished(() => server.end());
    const schema = await testSchema(server.url);
    const client = await pgClient(schema);
    const failed = await client.store.open().catch((error: unknown) => error);
    await client.end();
    await schema.drop();
    expect(failed).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining("fsync=off") });
  });
});
