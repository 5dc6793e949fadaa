import pg from "pg";
import postgres from "postgres";
import { describe, expect, it, onTestFinished } from "vitest";
import type { InboxStore } from "../src/index.ts";
import { postgresStore } from "../src/stores/postgres/index.ts";
import { eventOf, stage } from "../test/stage.ts";
import { DATABASE_URL, hasPostgres, testSchema } from "./database.ts";
import { hasPgBouncer, ownPgBouncer } from "./own-pgbouncer.ts";
import { each, until } from "./patience.ts";

const EVENTS = 1_000;

/** Opens a client with the settings of the docs, and a store on it. */
type Open = (url: string, options: { readonly schema: string; readonly prepare?: boolean }) => InboxStore<never>;

const clients: readonly (readonly [string, Open])[] = [
  [
    "pg",
    (url, options) => {
      const pool = new pg.Pool({ connectionString: url, max: 20, connectionTimeoutMillis: 2_000, keepAlive: true });
      onTestFinished(() => pool.end());
      return postgresStore<never>(pool as never, { statementTimeoutMs: 60_000, ...options });
    },
  ],
  [
    "postgres.js",
    (url, options) => {
      const sql = postgres(url, { connect_timeout: 2, max: 20, onnotice: () => {} });
      onTestFinished(() => sql.end({ timeout: 1 }));
      return postgresStore<never>(sql as never, { statementTimeoutMs: 60_000, ...options });
    },
  ],
];

const isThere = (await hasPostgres()) && hasPgBouncer();

describe.skipIf(!isThere).each(clients)("%s through PgBouncer, whose clients share two connections", (_, open) => {
  async function place() {
    const schema = await testSchema();
    onTestFinished(() => schema.drop());
    const pooler = await ownPgBouncer(DATABASE_URL);
    onTestFinished(() => pooler.end());
    return { url: pooler.url, schema: schema.name };
  }

  it("stores each body as it was sent and handles each event once, with the settings of the docs", async () => {
    const { url, schema } = await place();
    const handled: string[] = [];
    const nodes = Array.from({ length: 4 }, () =>
      stage({
        store: open(url, { schema }),
        on: { CONVERSATION_STARTED: (_, { body }) => void handled.push(new TextDecoder().decode(body)) },
        storeTimeoutMs: 60_000,
      }),
    );
    for (const { inbox } of nodes) {
      inbox.start();
      onTestFinished(() => inbox.close());
    }
    const sent = Array.from({ length: EVENTS }, (_, at) =>
      JSON.stringify(eventOf(`evt_${at}`, { note: "\\x7b7d é \u{1f600}".repeat(at % 20) })),
    );
    const statuses: number[] = [];
    await each([...sent.entries()], 32, async ([at, body]) => {
      statuses.push((await nodes[at % nodes.length]?.send(body)) ?? 0);
    });
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    await until("each is handled", () => handled.length >= EVENTS);
    expect(handled.sort()).toEqual(sent.sort());
  });

  it("is refused with prepared statements, which this pooler mixes", async () => {
    const { url, schema } = await place();
    const refused = await open(url, { schema, prepare: true })
      .open()
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("`prepare`") });
    await open(DATABASE_URL, { schema, prepare: true }).open();
  });
});
