import { PGlite, type Transaction } from "@electric-sql/pglite";
import { describeStore } from "@popp-webhooks/testing/store";
import { afterAll, describe } from "vitest";
import { LEAVE_MARK, MARKS_TABLE } from "../../../test/postgres-under-test.ts";
import { postgresStore } from "./index.ts";

describe("in process", () => {
  const database = new PGlite();
  afterAll(() => database.close());

  const open = async () => {
    await database.exec(
      `DROP SCHEMA IF EXISTS popp CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${MARKS_TABLE}`,
    );
    const store = postgresStore(database);
    return {
      store,
      connect: async () => {
        const other = postgresStore(database);
        await other.open();
        return other;
      },
      sideEffects: {
        write: async (tx: Transaction) => void (await tx.query(LEAVE_MARK)),
        count: async () => (await database.query("SELECT id FROM marks")).rows.length,
      },
      close: () => store.close(),
    };
  };
  describeStore("PGlite", open, {
    impossible: { "uses the store's clock, not the caller's": "it runs in this process and uses its clock" },
  });
});
