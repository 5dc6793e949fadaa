import { execSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createReceiver } from "../../../packages/core/src/index.ts";
import { createInbox } from "../../../packages/inbox/src/index.ts";
import { sqliteStore } from "../../../packages/inbox/src/stores/sqlite/index.ts";
import { type StartedApp, startApp } from "../../../packages/next/test/start-app.ts";
import { fixture, signedRequest } from "../../../packages/testing/src/index.ts";
import { describeInspector, TOKENS } from "../describe-inspector.ts";

const SECRET = TOKENS.POPP_WEBHOOK_SECRET;
const URL_OF_APP = "http://127.0.0.1/webhooks/popp";
const example = new URL("./", import.meta.url);
/** With the call that people write where it runs during the build too. */
const atModuleLevel = new URL(".at-module-level/", import.meta.url);
const inDevelopment = new URL(".in-development/", import.meta.url);
const files = mkdtempSync(join(tmpdir(), "popp-next-inbox-"));

const deliver = (eventId: string, url = URL_OF_APP) =>
  signedRequest({ ...fixture("CONVERSATION_COMPLETED"), eventId }, { secret: SECRET, url });

/** Copies the example, to be changed. */
function writeVariant(folder: URL): void {
  rmSync(folder, { recursive: true, force: true });
  for (const file of ["app", "inbox.ts", "instrumentation.ts", "next.config.ts", "package.json", "tsconfig.json"])
    cpSync(new URL(file, example), new URL(file, folder), { recursive: true });
  edit(folder, "next.config.ts", (text) => text.replace("../../../", "../../../../"));
}

function edit(folder: URL, file: string, change: (text: string) => string): void {
  const path = new URL(file, folder);
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

/** Runs `next build`, and returns what it wrote. */
function build(folder: URL, env: Readonly<Record<string, string>>): string {
  const { POPP_WEBHOOK_SECRET: _, ...inherited } = process.env;
  const PATH = [fileURLToPath(new URL("node_modules/.bin", example)), inherited.PATH].join(delimiter);
  return execSync("next build 2>&1", {
    cwd: fileURLToPath(folder),
    env: { ...inherited, ...env, PATH },
    encoding: "utf8",
  });
}

const NEXT = fileURLToPath(new URL("node_modules/.bin/next", example));

/** How many descriptors of a file the processes of this machine hold. */
function openDescriptors(path: string): number {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return all.flatMap((pid) => linksIn(`/proc/${pid}/fd`)).filter((target) => target.startsWith(path)).length;
}

function linksIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => readlinkSync(join(folder, name)));
  } catch {
    // The process, or one of its descriptors, is gone.
    return [];
  }
}

describe("the example next-inbox, in `next dev`", () => {
  const EDITS = 10;
  const database = join(files, "dev.db");
  let app: StartedApp;

  /** Writes the handler anew: it says its version with the event's id. */
  const writeVersion = (version: number) =>
    edit(inDevelopment, "inbox.ts", (text) =>
      text.replace(
        /console.log\("Conversation completed:".*\)/,
        `console.log("Conversation completed:", event.eventId, "by", ${version})`,
      ),
    );
  const handledBy = (eventId: string) =>
    [...app.output().matchAll(new RegExp(`Conversation completed: ${eventId} by (\\d+)`, "g"))].map(([, version]) =>
      Number(version),
    );
  const send = async (eventId: string) => (await fetch(await deliver(eventId, `${app.url}/webhooks/popp`))).status;

  beforeAll(async () => {
    writeVariant(inDevelopment);
    writeVersion(0);
    const env = { NEXT_TELEMETRY_DISABLED: "1", POPP_DATABASE: database, POPP_WEBHOOK_SECRET: SECRET };
    app = await startApp(`${NEXT} dev --hostname 127.0.0.1 --port 0`, inDevelopment, {
      ...env,
      NODE_ENV: "development",
    });
  });
  afterAll(async () => {
    await app?.close();
    rmSync(inDevelopment, { recursive: true, force: true });
  });

  it("handles each event once, by the code of its time, and leaves nothing open", async () => {
    expect(await send("evt_first")).toBe(200);
    await vi.waitFor(() => expect(handledBy("evt_first")).toEqual([0]), 60_000);
    for (let version = 1; version <= EDITS; version++) {
      writeVersion(version);
      // Until the server has noticed the change, deliveries run the code before.
      await vi.waitFor(async () => {
        const probe = `probe_${version}_${Math.random()}`;
        expect(await send(probe)).toBe(200);
        await vi.waitFor(() => expect(handledBy(probe)).not.toEqual([]), 30_000);
        expect(handledBy(probe)).toEqual([version]);
      }, 60_000);
      const ids = Array.from({ length: 5 }, (_, at) => `evt_${version}_${at}`);
      expect(await Promise.all(ids.map(send))).toEqual(ids.map(() => 200));
      await vi.waitFor(() => expect(ids.map(handledBy)).toEqual(ids.map(() => [version])), 60_000);
    }
    expect(app.output()).toContain('keepOne("popp")');
    // The file, its log and the log's index, and one that SQLite keeps to use it again.
    if (process.platform === "linux") expect(openDescriptors(database)).toBeLessThanOrEqual(4);
  });
});

beforeAll(() => {
  writeVariant(atModuleLevel);
  edit(atModuleLevel, "app/webhooks/popp/route.ts", (text) => `${text}\ninbox.start();\n`);
});
afterAll(() => {
  rmSync(atModuleLevel, { recursive: true, force: true });
  rmSync(files, { recursive: true });
});

describe.each([
  { name: "started in instrumentation.ts", folder: example, warns: false },
  { name: "started at module level of the route", folder: atModuleLevel, warns: true },
])("the example next-inbox, $name", ({ folder, warns }) => {
  const database = join(files, `${warns}.db`);
  const env = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production", POPP_DATABASE: database };
  const inbox = createInbox({ store: sqliteStore(database), on: "elsewhere" });
  const states = async () => {
    const all = await Array.fromAsync(inbox.events());
    return all.map(({ id, state, attempts }) => [id, state, attempts]).sort();
  };
  let built: string;
  let app: StartedApp | undefined;

  beforeAll(async () => {
    const receiver = createReceiver({ secret: SECRET, inbox });
    for (const id of ["evt_1", "evt_2"]) expect((await receiver.fetch(await deliver(id))).status).toBe(200);
    built = build(folder, env);
  });
  afterAll(async () => {
    await app?.close();
    await inbox.close();
  });

  it("leaves pending events alone during `next build`", async () => {
    expect(built).toContain("/webhooks/popp");
    expect(await states()).toEqual([
      ["evt_1", "received", 0],
      ["evt_2", "received", 0],
    ]);
    expect(built).not.toContain("Conversation completed:");
  });

  it(warns ? "reports during the build that it does not start" : "does not start during the build", () => {
    expect(built.includes("inbox.start was called during `next build`")).toBe(warns);
  });

  it("handles them and new events in `next start`", async () => {
    app = await startApp(`${NEXT} start --hostname 127.0.0.1 --port 0`, folder, {
      ...env,
      ...TOKENS,
    });
    await vi.waitFor(async () => expect((await states()).map(([, state]) => state)).toEqual(["done", "done"]), 60_000);

    const answer = await fetch(await deliver("evt_3", `${app.url}/webhooks/popp`));
    expect([answer.status, await answer.json()]).toEqual([200, { status: "accepted" }]);
    await vi.waitFor(async () => expect((await inbox.get("evt_3"))?.state).toBe("done"), 60_000);
    expect(await states()).toEqual(["evt_1", "evt_2", "evt_3"].map((id) => [id, "done", 1]));
    expect(app.output().match(/Conversation completed:/g)).toHaveLength(3);
  });

  if (!warns) describeInspector(() => app as StartedApp);
});
