import { describeStore } from "@popp-webhooks/testing/store";
import postgres, { type TransactionSql } from "postgres";
import { describe } from "vitest";
import { hasPostgres } from "../../../faults/database.ts";
import { type Handle, LEAVE_MARK, postgresUnderTest } from "../../../test/postgres-under-test.ts";
import { postgresStore } from "./index.ts";

describe.skipIf(!(await hasPostgres()))("on a server", () => {
  const store = postgresUnderTest(
    (url, options): Handle<TransactionSql> => {
      const sql = postgres(url, { onnotice: () => {} });
      return { store: postgresStore(sql, options), end: () => sql.end() };
    },
    (sql) => sql.unsafe(LEAVE_MARK),
  );
  describeStore("postgres.js", store);
});
