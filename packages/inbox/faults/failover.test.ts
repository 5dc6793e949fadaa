import { type AddressInfo, createServer, connect as dial } from "node:net";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { postgresStore } from "../src/stores/postgres/index.ts";
import { eventOf, stage } from "../test/stage.ts";
import { hasPostgres, testSchema } from "./database.ts";
import { pgClient, postgresJsClient } from "./database-clients.ts";
import { ownPostgres, postgresPrograms } from "./own-postgres.ts";
import { each } from "./patience.ts";

/** An address that leads to another server from some time on. Open connections stay where they are, as after a failover. */
async function movingAddress(first: string) {
  let target = new URL(first);
  const server = createServer((client) => {
    const upstream = dial({ host: target.hostname, port: Number(target.port || 5432) });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one
        .on("error", () => {})
        .on("close", () => other.destroy())
        .pipe(other);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = new URL(first);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  const moveTo = (next: string) => {
    target = new URL(next);
  };
  return { url: url.href, moveTo };
}

const programs = postgresPrograms();

describe.skipIf(programs === undefined || !(await hasPostgres())).each([
  ["pg", pgClient],
  ["postgres.js", postgresJsClient],
] as const)("%s, whose connections lead to a server that a failover has demoted", (_, open) => {
  it("stores events on the new server within a few deliveries", async () => {
    const old = await ownPostgres(programs ?? "");
    onTestFinished(() => old.end());
    const [schema, demoted] = [await testSchema(), new pg.Pool({ connectionString: old.url, max: 1 })];
    onTestFinished(async () => {
      await demoted.end();
      await schema.drop();
    });
    // The new server has the tables already, as a promoted replica has.
    const promoted = new pg.Pool({ connectionString: schema.url, max: 1 });
    onTestFinished(() => promoted.end());
    await postgresStore(promoted, { schema: schema.name }).open();
    const address = await movingAddress(old.url);
    const there = new URL(schema.url);
    await demoted.query(`CREATE DATABASE ${there.pathname.slice(1)}`);
    const through = Object.assign(new URL(address.url), { username: there.username, pathname: there.pathname });
    const client = await open({ ...schema, url: through.href }, { schema: schema.name, connections: 10 });
    onTestFinished(() => client.end());
    const { inbox, send } = stage({ store: client.store as never, onError: () => {} }, () => {});
    onTestFinished(() => inbox.close());
    // Opens all connections to the old server.
    const statuses = async (from: number, count: number) => {
      const all: number[] = [];
      await each(
        Array.from({ length: count }, (_, at) => `evt_${from + at}`),
        20,
        async (id) => void all.push(await send(eventOf(id))),
      );
      return all;
    };
    expect(new Set(await statuses(0, 100))).toEqual(new Set([200]));
    await demoted.query("ALTER SYSTEM SET default_transaction_read_only = on");
    await demoted.query("SELECT pg_reload_conf()");
    address.moveTo(there.href);
    // One that is stored by a further attempt, on another connection, is answered with 200 as well.
    await expect.poll(async () => new Set(await statuses(Date.now(), 200))).toEqual(new Set([200]));
  });
});
