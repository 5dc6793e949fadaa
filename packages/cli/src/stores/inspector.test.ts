import { createServer } from "node:http";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { type Access, type AccessEntry, toInspector } from "@popp-webhooks/inspector";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../../inbox/faults/own-server.ts";
import { poppDb } from "../../test/popp-db.ts";
import { jsonLines, runCli } from "../../test/run-cli.ts";
import { bodyOf, seedInbox } from "../../test/seed-inbox.ts";

const HEADER = "Bearer let-me-in";

let url = "";
let access: Access = { name: "ada", can: "act", body: "shown" };
let entries: AccessEntry[] = [];

const run = (args: readonly string[], headers = `authorization=${HEADER}`) =>
  runCli(["inbox", ...args, "--store", url], { env: { POPP_INSPECTOR_HEADERS: headers } });
const lines = async (...args: string[]) => jsonLines((await run([...args, "--json"])).stdout);

beforeEach(async () => {
  const inbox = await seedInbox(sqliteStore((await poppDb()).file), []);
  access = { name: "ada", can: "act", body: "shown" };
  entries = [];
  const inspector = toInspector(inbox, {
    authorize: (request) => request.headers.get("authorization") === HEADER && access,
    onAccess: (entry) => entries.push(entry),
  });
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/ops")) return void inspector.listener(request, response);
    response.writeHead(request.url?.startsWith("/old") ? 302 : 404, {
      location: "/login",
      "content-type": "text/html",
    });
    response.end("<!doctype html><title>Not here</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address === "object" && address) url = `http://127.0.0.1:${address.port}/ops/inspector`;
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await inbox.close();
  });
});

it("lists, shows, counts and acts", async () => {
  expect((await lines("list", "--state", "dead")).map(({ id }) => id)).toEqual(["evt_3", "evt_2"]);
  expect((await lines("list", "--all", "--limit", "1")).map(({ id }) => id)).toEqual(["evt_3", "evt_2", "evt_1"]);
  expect(await lines("show", "evt_2")).toEqual([
    expect.objectContaining({
      body: bodyOf("evt_2", "broken"),
      error: expect.objectContaining({ name: "UnrecoverableError" }),
    }),
  ]);
  expect((await run(["show", "evt_1", "--raw"])).stdout).toBe(bodyOf("evt_1", "ok"));
  expect((await run(["show", "evt_2"])).stdout).toMatch(/attempt 1 unrecoverable/);
  expect((await run(["show", "evt_9"])).code).toBe(1);
  expect(await lines("stats")).toEqual([expect.objectContaining({ counts: expect.objectContaining({ dead: 2 }) })]);
  expect(await lines("redrive", "--state", "dead", "--yes")).toEqual([{ dryRun: false, redriven: 2 }]);
  expect(await lines("erase", "evt_1", "--yes")).toEqual([{ dryRun: false, erased: 1, unreadable: 0 }]);
  await run(["pause", "CONVERSATION_COMPLETED"]);
  expect(await lines("stats")).toEqual([expect.objectContaining({ paused: ["CONVERSATION_COMPLETED"] })]);
  expect(entries.map(({ action, count }) => [action, count])).toEqual([
    ["redrive", 2],
    ["erase", 1],
    ["pause", null],
  ]);
});

it("masks with --redact what the inspector shows", async () => {
  for (const args of [["list"], ["show", "evt_2"]]) {
    const { stdout } = await run([...args, "--redact"]);
    expect(stdout).toContain("evt_2");
    expect(stdout).not.toMatch(/jane|cand_broken/i);
  }
});

it("reveals one event at a time where that is reported, and only then", async () => {
  access = { name: "ada", can: "read", body: "reveal" };
  expect((await run(["show", "evt_2", "--redact"])).stdout).not.toMatch(/jane/i);
  expect((await run(["show", "evt_2"])).stdout).toContain("cand_broken");
  expect(entries.map(({ action, target }) => [action, target])).toContainEqual(["reveal", "evt_2"]);
  access = { name: "ada", can: "read", body: "masked" };
  expect((await run(["show", "evt_2"])).stdout).toContain("•••");
  expect(await run(["show", "evt_2", "--raw"])).toMatchObject({ code: 1, stdout: "" });
});

it("says what is not offered", async () => {
  for (const args of [
    ["prune", "--yes"],
    ["erase", "--about", "cand_ok", "--yes"],
  ])
    expect(await run(args)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/inspector/i) });
  access = { name: "ada", can: "read", body: "shown" };
  const { code, stderr } = await run(["pause", "CONVERSATION_COMPLETED"]);
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('can: "act"') });
});

it("says what to give where it is not let in, and finds nothing", async () => {
  const forbidden = await run(["stats"], "");
  expect(forbidden).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining("--header") });
  const option = await runCli(["inbox", "stats", "--store", url, "--header", `authorization=${HEADER}`]);
  expect(option).toMatchObject({ code: 0, stderr: expect.stringContaining("shell's history") });
  expect(option.stderr).not.toContain(HEADER);
  const at = (path: string) => runCli(["inbox", "stats", "--store", new URL(path, url).href]);
  expect(await at("/nowhere")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("no inspector at this address"),
  });
  expect(await at("/old")).toMatchObject({ code: 4, stderr: expect.stringContaining("redirect (302)") });
  const closed = await runCli(["inbox", "stats", "--store", `http://127.0.0.1:${await freePort()}/`]);
  expect(closed).toMatchObject({ code: 4, stderr: expect.stringContaining("does not answer") });
});
