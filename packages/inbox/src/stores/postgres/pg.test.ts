import { describeStore } from "@popp-webhooks/testing/store";
import pg, { type PoolClient } from "pg";
import { describe } from "vitest";
import { hasPostgres } from "../../../faults/database.ts";
import { type Handle, LEAVE_MARK, postgresUnderTest } from "../../../test/postgres-under-test.ts";
import { postgresStore } from "./index.ts";

describe.skipIf(!(await hasPostgres()))("on a server", () => {
  const store = (prepare: boolean) =>
    postgresUnderTest(
      (connectionString, options): Handle<PoolClient> => {
        const pool = new pg.Pool({ connectionString });
        return { store: postgresStore(pool, { prepare, ...options }), end: () => pool.end() };
      },
      (client) => client.query(LEAVE_MARK),
    );
  describeStore("pg", store(false));
  describeStore("pg, prepared", store(true));
});
