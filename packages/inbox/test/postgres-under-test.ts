import type { StoreUnderTest } from "@popp-webhooks/testing/store";
import { afterAll, beforeAll } from "vitest";
import { type TestSchema, testSchema } from "../faults/database.ts";
import type { InboxStore } from "../src/ports/store.ts";
import type { PostgresStoreOptions } from "../src/stores/postgres/index.ts";

/** The effect that a handler leaves in its transaction, and the table of these effects. */
export const LEAVE_MARK = "INSERT INTO marks DEFAULT VALUES";
export const MARKS_TABLE = "CREATE TABLE marks (id INT GENERATED ALWAYS AS IDENTITY)";

/** Long timeouts, so that no statement fails because the machine is slow. */
const PATIENT = { statementTimeoutMs: 60_000, transactionTimeoutMs: 120_000 };

export interface Handle<Tx> {
  readonly store: InboxStore<Tx>;
  readonly end: () => Promise<void>;
}

/** The store's cases share one schema. Each handle has its own client, as another process would have. */
export function postgresUnderTest<Tx>(
  connectTo: (url: string, options: PostgresStoreOptions) => Handle<Tx>,
  leaveMark: (tx: Tx) => Promise<unknown>,
): () => Promise<StoreUnderTest<Tx>> {
  let schema: TestSchema;
  beforeAll(async () => {
    schema = await testSchema();
    await schema.rows(MARKS_TABLE);
  });
  afterAll(() => schema.drop());

  const connect = () => connectTo(schema.url, { schema: schema.name, ...PATIENT });
  return async () => {
    const first = connect();
    const handles = [first];
    return {
      store: first.store,
      connect: async () => {
        const handle = connect();
        handles.push(handle);
        await handle.store.open();
        return handle.store;
      },
      sideEffects: {
        write: async (tx) => void (await leaveMark(tx)),
        count: async () => (await schema.rows("SELECT id FROM marks")).length,
      },
      close: async () => {
        for (const { store, end } of handles) {
          await store.close();
          await end();
        }
        await schema.clear();
      },
    };
  };
}
