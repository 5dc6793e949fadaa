import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { createReceiver } from "@popp-webhooks/core";
import { toExpressHandler } from "@popp-webhooks/express";
import { postgresStore } from "@popp-webhooks/inbox/postgres";
import { redisStore } from "@popp-webhooks/inbox/redis";
import express, { type Express } from "express";
import { Redis } from "ioredis";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { hasPostgres, testDatabase } from "../../../inbox/faults/database.ts";
import { DURABLE, hasRedisProgram, ownRedis } from "../../../inbox/faults/own-redis.ts";
import { freePort } from "../../../inbox/faults/own-server.ts";
import { OTHER_USER } from "../../test/as-user.ts";
import { poppDb } from "../../test/popp-db.ts";
import { canBeTerminal, emptyFolder, jsonLines, type RunOptions, runCli } from "../../test/run-cli.ts";
import { seedInbox } from "../../test/seed-inbox.ts";
import { checkNode } from "./check-node.ts";

const SECRET = "zTq1-of-these-tests";

/** The findings by check. Every run has a good secret, unless it is told otherwise. */
async function doctor(args: readonly string[], { env, ...options }: RunOptions = {}) {
  const result = await runCli(["doctor", "--json", ...args], {
    env: { POPP_WEBHOOK_SECRET: SECRET, ...env },
    ...options,
  });
  const findings = Object.fromEntries(jsonLines(result.stdout).map(({ check, ...finding }) => [check, finding]));
  expect(Object.keys(findings)).toEqual(
    expect.arrayContaining(["node", "versions", "secret", "endpoint", "parsers", "store"]),
  );
  expect(result.stdout).not.toContain(SECRET);
  return { ...result, findings };
}

const problem = (message: RegExp, fix: RegExp) => ({
  state: "problem",
  message: expect.stringMatching(message),
  fix: expect.stringMatching(fix),
});

async function serve(app: Express): Promise<string> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
}

it("prints one report that can be pasted, and exits with 0 when there is no problem", async () => {
  const { file, cwd } = await poppDb();
  const env = { POPP_WEBHOOK_SECRET: SECRET, HOME: dirname(dirname(file)), POPP_STORE: file };
  const { code, stdout, stderr } = await runCli(["doctor"], { cwd, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^popp-webhooks doctor \d+\.\d+\.\d+\n/);
  expect(stdout).toMatch(/^ok +store +The SQLite file has an inbox with 3 events, 2 of them dead\.$/m);
  expect(stdout).toMatch(/^ok +durability +An accepted event survives a power cut\.$/m);
  expect(stdout).toMatch(/^not checked +clock +The clock could not be checked/m);
  for (const hidden of [SECRET, homedir(), "\u001b"]) expect(stdout).not.toContain(hidden);
});

it.skipIf(!canBeTerminal)("says each state in words, colored in a terminal unless NO_COLOR is set", async () => {
  const colored = await runCli(["doctor"], { terminal: true });
  expect(colored.stdout).toContain("\u001b[31mproblem");
  const plain = await runCli(["doctor"], { terminal: true, env: { NO_COLOR: "1" } });
  expect(plain.code).toBe(1);
  expect(plain.stdout).toMatch(/^problem +secret +No signing secret/m);
  expect(plain.stdout).not.toContain("\u001b");
});

describe("the secret", () => {
  it.each([
    [undefined, /No signing secret/],
    ["copied-with \n", /white space/],
    ['"quoted-value"', /in quotes/],
    ["still%2Bencoded%3D", /URL-encoded/],
    ["your-signing-secret", /placeholder/],
    ["changeme", /placeholder/],
    ["$POPP_SECRET", /variable/],
    ["<popp secret>", /variable/],
    ["with-a-line-end\\n", /escaped line end/],
    ["zero\u200bwidth", /nobody sees/],
  ])("%j is a problem", async (secret, sentence) => {
    const { code, findings, stdout } = await doctor([], { env: { POPP_WEBHOOK_SECRET: secret } });
    expect({ code, secret: findings.secret }).toEqual({ code: 1, secret: problem(sentence, /./) });
    if (secret !== undefined) expect(stdout).not.toContain(secret.trim());
  });

  it("of dev is none for production", async () => {
    const cwd = emptyFolder();
    mkdirSync(join(cwd, ".popp"));
    writeFileSync(join(cwd, ".popp/secret"), "made-by-dev");
    expect((await doctor([], { cwd, env: { POPP_WEBHOOK_SECRET: undefined } })).findings.secret?.state).toBe("warning");
  });
});

describe("the endpoint", () => {
  let handled = 0;
  const receiver = createReceiver({
    secret: SECRET,
    on: {
      CONVERSATION_STARTED: () => {
        handled++;
      },
    },
    onError: () => {},
  });

  it("is good when the bytes arrive, and no handler runs", async () => {
    const app = express();
    app.post("/webhooks/popp", toExpressHandler(receiver));
    app.use(express.json());
    const { code, findings } = await doctor(["--url", `${await serve(app)}/webhooks/popp`]);
    expect({ code, handled }).toEqual({ code: 0, handled: 0 });
    expect(findings).toMatchObject({ endpoint: { state: "ok" }, parsers: { state: "ok" } });
  });

  it("names the parser that stands before the route", async () => {
    const app = express();
    app.use(express.json());
    app.post("/webhooks/popp", toExpressHandler(receiver));
    const cwd = emptyFolder();
    mkdirSync(join(cwd, "src"));
    writeFileSync(
      join(cwd, "src/app.ts"),
      `// express.json() in a comment\napp.use(express.json());\napp.post("/webhooks/popp", toExpressHandler(receiver));\n`,
    );
    const { code, findings } = await doctor(["--url", `${await serve(app)}/webhooks/popp`], { cwd });
    expect(code).toBe(1);
    expect(findings.endpoint).toEqual(problem(/500 BODY_CONSUMED/, /before express\.json\(\).*src\/app\.ts:2\.$/));
    expect((await doctor([], { cwd })).findings.parsers).toMatchObject({
      state: "warning",
      message: "A body parser stands before the webhook's route in src/app.ts:2.",
    });
    writeFileSync(join(cwd, "src/app.ts"), `app.post("/webhooks/popp", route);\napp.use(express.json());\n`);
    expect((await doctor([], { cwd })).findings.parsers?.state).toBe("not checked");
  });

  it("is judged by any other answer", async () => {
    const app = express();
    app.get("/get", (_, response) => void response.send("yes"));
    app.all("/get", (_, response) => void response.sendStatus(405));
    app.post("/moved", (_, response) => response.redirect(308, "/moved/"));
    app.post("/login", (_, response) => void response.status(401).send("<html>Log in</html>"));
    app.post("/open", (_, response) => void response.json({ ok: true }));
    app.post("/page", (_, response) => void response.send("<!doctype html><title>App</title>"));
    app.post("/blind", toExpressHandler(createReceiver({ secret: () => undefined, on: {}, onError: () => {} })));
    app.post(
      "/renamed",
      toExpressHandler(createReceiver({ secret: SECRET, on: {}, scheme: { header: "x-other" }, onError: () => {} })),
    );
    const origin = await serve(app);
    const endpoint = async (path: string) => (await doctor(["--url", `${origin}${path}`])).findings.endpoint;
    expect(await endpoint("/nowhere")).toEqual(problem(/404/, /Check the path/));
    expect(await endpoint("/get")).toEqual(problem(/405/, /POST/));
    expect(await endpoint("/moved")).toEqual(problem(/308/, /final address/));
    expect(await endpoint("/login")).toEqual(problem(/401 with a page of HTML/, /login/));
    expect(await endpoint("/open")).toEqual(problem(/200/, /accepts a wrong signature/));
    expect(await endpoint("/page")).toEqual(problem(/HTML/, /A page answers there/));
    expect(await endpoint("/blind")).toEqual(problem(/SECRET_MISSING/, /POPP_WEBHOOK_SECRET/));
    expect(await endpoint("/renamed")).toMatchObject({
      state: "warning",
      fix: expect.stringContaining("scheme.header"),
    });
    const closed = await doctor(["--url", `http://127.0.0.1:${await freePort()}/`]);
    expect(closed.findings.endpoint).toEqual(problem(/does not answer/, /Nothing listens/));
    expect(closed.stdout).not.toContain("127.0.0.1");
  });
});

describe("the packages", () => {
  const install = (folder: string, name: string, version: string) => {
    const place = join(folder, "node_modules/@popp-webhooks", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), JSON.stringify({ name: `@popp-webhooks/${name}`, version }));
    return place;
  };

  it("must have one version, nested copies too", async () => {
    const cwd = emptyFolder();
    const version = (await runCli(["--version"])).stdout.trim();
    install(cwd, "core", version);
    const inbox = install(cwd, "inbox", version);
    expect((await doctor([], { cwd })).findings.versions).toMatchObject({
      state: "ok",
      message: expect.stringContaining("2 packages"),
    });
    install(inbox, "core", "0.0.1-old");
    install(join(cwd, "node_modules/.pnpm/hono@1"), "hono", "0.0.2-old");
    expect((await doctor([], { cwd })).findings.versions).toEqual(
      problem(
        /0\.0\.1-old \(core\); 0\.0\.2-old \(hono\)/,
        /npm install @popp-webhooks\/core@latest @popp-webhooks\/hono@latest/,
      ),
    );
  });
});

it("knows which Node is too old", () => {
  expect(
    ["18.20.0", "20.17.0", "20.18.0", "22.12.0", "22.13.0", "24.0.0"].map((version) => checkNode(version).state),
  ).toEqual([...["problem", "problem", "warning", "warning", "ok", "ok"]]);
});

describe("a SQLite store", () => {
  it("needs a folder that is there and can be written to", async () => {
    const cwd = emptyFolder();
    chmodSync(cwd, 0o755);
    expect((await doctor(["--store", "data/popp.db"], { cwd })).findings.store).toEqual(
      problem(/is missing/, /Create the folder/),
    );
    const { findings: atHome } = await doctor(["--store", join(cwd, "data/popp.db")], { env: { HOME: cwd } });
    expect(atHome.store).toEqual(problem(/^The folder of ~\/data\/popp\.db is missing/, /Create the folder/));
    const folder = join(cwd, "data");
    mkdirSync(folder);
    chmodSync(folder, 0o555);
    const { findings } = await doctor(["--store", join(folder, "popp.db")], { cwd: "/etc", uid: OTHER_USER });
    expect(findings.store).toEqual(problem(/is read-only/, /right to write/));
  });
});

/** A clock that is two minutes ahead. */
const AHEAD = { NODE_OPTIONS: "--import=data:text/javascript,const{now}=Date;Date.now=()=>now()+120000" };

describe.skipIf(!(await hasPostgres()))("a Postgres store", () => {
  it("must not lose commits, and has the same time", async () => {
    const database = await testDatabase();
    onTestFinished(() => database.drop());
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    await (await seedInbox(postgresStore(pool), [["evt_1", "ok"]])).close();
    await pool.end();
    const good = await doctor(["--store", database.url]);
    expect(good).toMatchObject({
      code: 0,
      findings: { store: { state: "ok" }, durability: { state: "ok" }, clock: { state: "ok" } },
    });
    expect(good.stdout).not.toContain("127.0.0.1");
    await database.rows(`ALTER DATABASE ${database.name} SET synchronous_commit = off`);
    const { code, findings } = await doctor(["--store", database.url], { env: AHEAD });
    expect(code).toBe(1);
    expect(findings).toMatchObject({
      store: { state: "ok" },
      durability: problem(/synchronous_commit=off/, /Turn it on/),
      clock: problem(/1(19|20|21) seconds ahead of/, /NTP/),
    });
  });
});

describe.skipIf(!hasRedisProgram())("a Redis store", () => {
  it("must not evict keys, needs an append-only file, and has the same time", async () => {
    const server = await ownRedis(DURABLE);
    onTestFinished(() => server.end());
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    await (await seedInbox(redisStore(client), [["evt_1", "ok"]])).close();
    const store = ["--store", server.url];
    expect(await doctor(store)).toMatchObject({
      ...{ code: 0, findings: { store: { state: "ok" }, durability: { state: "ok" }, clock: { state: "ok" } } },
    });
    await client.config("SET", "appendfsync", "everysec");
    expect((await doctor(store)).findings.durability).toMatchObject({ state: "warning" });
    await client.config("SET", "maxmemory-policy", "allkeys-lru");
    const { code, findings } = await doctor(store, { env: AHEAD });
    expect(code).toBe(1);
    expect(findings).toMatchObject({
      durability: problem(/evicts keys/, /noeviction/),
      clock: problem(/ahead of/, /NTP/),
    });
    await client.config("SET", "appendonly", "no");
    expect((await doctor(store)).findings.durability).toEqual(problem(/no append-only file/, /appendonly yes/));
  });
});

it("ends with examples in its help", async () => {
  expect((await runCli(["doctor", "--help"])).stdout).toMatch(
    /\nExamples:\n(?: {2}# .*\n {2}\$ popp-webhooks doctor.*\n)+$/,
  );
});
