import { randomBytes } from "node:crypto";
import pg from "pg";

/** The URL of the tests' Postgres. */
export const DATABASE_URL: string = process.env.DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/test";

/** Whether Postgres can be reached. If it is required, its absence is an error; otherwise one line says that it is missing. */
export async function hasPostgres(): Promise<boolean> {
  const client = new pg.Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (cause) {
    if (process.env.REQUIRE_SERVICES === "1") throw new Error("Postgres must be there, and is not.", { cause });
    console.log("Postgres is not reachable (DATABASE_URL): its tests are skipped.");
    return false;
  }
}

/** A schema for one test, or for the tests of a file that empty it in between. */
export interface TestSchema {
  readonly name: string;
  /** A URL whose connections use the schema by default. */
  readonly url: string;
  /** Runs SQL in the schema. */
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Deletes all rows but the version of the store's tables. Much cheaper than a new schema. */
  clear(): Promise<void>;
  drop(): Promise<void>;
}

/** Adds server settings to a URL, for its connections. */
export function withSettings(url: string, settings: string): string {
  const set = new URL(url);
  set.searchParams.set("options", `${set.searchParams.get("options") ?? ""} ${settings}`);
  return set.href;
}

const TABLES_WITH_ROWS =
  "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'popp_inbox_schema'";

/** Creates an empty schema in the database of the tests or in another one. */
export async function testSchema(database = DATABASE_URL): Promise<TestSchema> {
  const name = `popp_${randomBytes(6).toString("hex")}`;
  const url = withSettings(database, `-c search_path=${name}`);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on("error", () => {});
  await pool.query(`CREATE SCHEMA ${name}`);
  const rows: TestSchema["rows"] = async (sql, values = []) => (await pool.query(sql, [...values])).rows;
  return {
    name,
    url,
    rows,
    clear: async () => {
      const tables = await rows(TABLES_WITH_ROWS, [name]);
      await pool.query(tables.map((table) => `DELETE FROM "${table.name}"`).join("; "));
    },
    drop: async () => {
      await pool.query(`DROP SCHEMA ${name} CASCADE`);
      await pool.end();
    },
  };
}

/** A database of its own on the tests' server, for what concerns a whole database. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Runs SQL as the superuser. */
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** Creates an empty database. */
export async function testDatabase(options = ""): Promise<TestDatabase> {
  const name = `popp_${randomBytes(6).toString("hex")}`;
  const server = new pg.Pool({ connectionString: DATABASE_URL, max: 1 });
  server.on("error", () => {});
  await server.query(`CREATE DATABASE ${name} TEMPLATE template0 ${options}`);
  const url = new URL(DATABASE_URL);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  pool.on("error", () => {});
  return {
    name,
    url: url.href,
    rows: async (sql) => (await pool.query(sql)).rows,
    drop: async () => {
      await pool.end();
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.end();
    },
  };
}
