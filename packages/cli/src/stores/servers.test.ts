import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { postgresStore } from "@popp-webhooks/inbox/postgres";
import { redisStore } from "@popp-webhooks/inbox/redis";
import { Redis } from "ioredis";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { DATABASE_URL, hasPostgres, type TestDatabase, testDatabase } from "../../../inbox/faults/database.ts";
import { hasRedis, REDIS_URL, removeKeys } from "../../../inbox/faults/keyspace.ts";
import { ownPostgres, postgresPrograms } from "../../../inbox/faults/own-postgres.ts";
import { freePort } from "../../../inbox/faults/own-server.ts";
import { linkDriver } from "../../test/link-driver.ts";
import { emptyFolder, jsonLines, runCli } from "../../test/run-cli.ts";
import { seedInbox } from "../../test/seed-inbox.ts";
import { withoutPackages } from "../../test/without-packages.ts";

const EVENTS = [
  ["evt_1", "ok"],
  ["evt_2", "broken"],
] as const;

const PASSWORD = "pass-word";

async function expectRefused(args: readonly string[], code: string, sentence: RegExp, options = {}): Promise<void> {
  const { stdout, stderr, code: exit } = await runCli(["inbox", "stats", "--json", ...args], options);
  expect({ exit, stderr, errors: jsonLines(stdout) }).toEqual({
    ...{ exit: 4, stderr: "" },
    errors: [{ error: { code, message: expect.stringMatching(sentence) } }],
  });
  expect(stdout).not.toContain(PASSWORD);
}

/** What every store must do, with one driver that is installed in the project. */
async function expectWorking(driver: string, args: readonly string[]): Promise<void> {
  const cwd = emptyFolder();
  linkDriver(cwd, driver);
  const inbox = async (...words: string[]) =>
    jsonLines((await runCli(["inbox", ...words, "--json", ...args], { cwd })).stdout);
  expect(await inbox("list")).toEqual([
    expect.objectContaining({ id: "evt_2", state: "dead" }),
    expect.objectContaining({ id: "evt_1", state: "done" }),
  ]);
  expect(await inbox("show", "evt_2")).toEqual([
    expect.objectContaining({ body: expect.stringContaining("cand_broken") }),
  ]);
  expect(await inbox("redrive", "--state", "dead", "--dry-run")).toEqual([{ dryRun: true, redriven: 1 }]);
}

it.each([
  ["postgres", "pg"],
  ["postgres", "postgres"],
  ["redis", "ioredis"],
  ["redis", "redis"],
])("gives up a server of %s that says nothing, with %s", async (scheme, driver) => {
  const cwd = emptyFolder();
  linkDriver(cwd, driver);
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : 0;
  const url = `${scheme}://jane:${PASSWORD}@127.0.0.1:${port}`;
  await expectRefused(["--store", url], "STORE_UNREACHABLE", /does not answer in time/, { cwd });
});

const programs = postgresPrograms();

it.skipIf(programs === undefined).each(["pg", "postgres"])("says with %s that a password is wrong", async (driver) => {
  const cwd = emptyFolder();
  linkDriver(cwd, driver);
  const server = await ownPostgres(programs ?? "");
  onTestFinished(() => server.end());
  const admin = new pg.Client(server.url);
  await admin.connect();
  await admin.query("CREATE ROLE jane LOGIN PASSWORD 'right'");
  const { rows } = await admin.query("SHOW hba_file");
  writeFileSync(rows[0].hba_file, "host all jane all scram-sha-256\nhost all postgres all trust\n");
  await admin.query("SELECT pg_reload_conf()");
  await admin.end();
  const url = new URL(server.url);
  [url.username, url.password] = ["jane", PASSWORD];
  await expectRefused(["--store", url.href], "STORE_FORBIDDEN", /refuses the user or the password/, { cwd });
  url.password = "";
  await expectRefused(["--store", url.href], "STORE_FORBIDDEN", /password/, { cwd });
});

describe.skipIf(!(await hasPostgres()))("a Postgres store", () => {
  let database: TestDatabase;
  const role = `popp_${randomBytes(4).toString("hex")}`;
  const urlOf = (change: (url: URL) => void) => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };
  beforeAll(async () => {
    database = await testDatabase();
    await database.rows(`CREATE ROLE ${role} LOGIN`);
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    const inbox = await seedInbox(postgresStore(pool), EVENTS);
    await inbox.close();
    await pool.end();
  });
  afterAll(async () => {
    await database.rows(`DROP ROLE ${role}`);
    await database.drop();
  });

  it.each(["pg", "postgres"])("is read with %s of the project", async (driver) => {
    await expectWorking(driver, ["--store", database.url]);
  });

  it("says what is wrong, without the password", async () => {
    const closed = `postgres://jane:${PASSWORD}@127.0.0.1:${await freePort()}/x`;
    await expectRefused(["--store", closed], "STORE_UNREACHABLE", /nothing listens there/);
    await expectRefused(["--store", "postgres://jane:pass-word@127.0.0.1:port"], "STORE_UNKNOWN", /percent-encoded/);
    const missing = urlOf((url) => {
      url.pathname = "/popp_nowhere";
      url.password = PASSWORD;
    });
    await expectRefused(["--store", missing], "STORE_MISSING", /no database of that name/);
    const stranger = urlOf((url) => {
      url.username = "popp_nobody";
      url.password = PASSWORD;
    });
    await expectRefused(["--store", stranger], "STORE_FORBIDDEN", /refuses the user or the password/);
    const powerless = urlOf((url) => {
      url.username = role;
    });
    await expectRefused(["--store", powerless], "STORE_UNAVAILABLE", /lacks rights.*GRANT/);
    await expectRefused(["--store", database.url, "--schema", "other"], "STORE_FOREIGN", /pass --schema/);
  });

  it("says how to install a driver", async () => {
    const cwd = emptyFolder();
    const env = withoutPackages(cwd, ["pg", "postgres"]);
    await expectRefused(["--store", DATABASE_URL], "DRIVER_MISSING", /npm install --save-dev pg/, { cwd, env });
  });
});

describe.skipIf(!(await hasRedis()))("a Redis store", () => {
  const prefix = `popp_${randomBytes(4).toString("hex")}`;
  const user = `${prefix}_user`;
  const admin = new Redis(REDIS_URL, { lazyConnect: true });
  const as = (name: string, password: string) => {
    const url = new URL(REDIS_URL);
    [url.username, url.password] = [name, password];
    return url.href;
  };
  beforeAll(async () => {
    await admin.connect();
    const inbox = await seedInbox(redisStore(admin, { prefix, allowDataLoss: true }), EVENTS);
    await inbox.close();
    await admin.call("ACL", "SETUSER", user, "on", ">right", "~none:*", "+ping", "+info", "+client", "+hello");
  });
  afterAll(async () => {
    await admin.call("ACL", "DELUSER", user);
    await admin.quit();
    await removeKeys(prefix);
  });

  it.each(["ioredis", "redis"])("is read with %s of the project", async (driver) => {
    await expectWorking(driver, ["--store", REDIS_URL, "--prefix", prefix]);
  });

  it.each(["ioredis", "redis"])("says what is wrong with %s, without the password", async (driver) => {
    const cwd = emptyFolder();
    linkDriver(cwd, driver);
    const closed = `redis://jane:${PASSWORD}@127.0.0.1:${await freePort()}`;
    await expectRefused(["--store", closed], "STORE_UNREACHABLE", /nothing listens there/, { cwd });
    await expectRefused(["--store", as(user, PASSWORD)], "STORE_FORBIDDEN", /refuses the user or the password/, {
      cwd,
    });
    await expectRefused(
      ["--store", as(user, "right"), "--prefix", prefix],
      "STORE_UNAVAILABLE",
      /forbid a command or a key/,
      { cwd },
    );
    await expectRefused(
      ["--store", REDIS_URL, "--prefix", `${prefix}_other`],
      "STORE_FOREIGN",
      /pass --schema or --prefix/,
      { cwd },
    );
  });
});
