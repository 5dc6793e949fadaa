import { execSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createReceiver } from "../../../packages/core/src/index.ts";
import { createInbox } from "../../../packages/inbox/src/index.ts";
import { sqliteStore } from "../../../packages/inbox/src/stores/sqlite/index.ts";
import { type StartedApp, startApp } from "../../../packages/next/test/start-app.ts";
import { fixture, signedRequest } from "../../../packages/testing/src/index.ts";

const SECRET = "a-secret-of-ours";
const URL_OF_APP = "http://127.0.0.1/webhooks/popp";
const example = new URL("./", import.meta.url);
const atModuleLevel = new URL(".at-module-level/", import.meta.url);
const files = mkdtempSync(join(tmpdir(), "popp-next-inbox-"));

const deliver = (eventId: string, url = URL_OF_APP) =>
  signedRequest({ ...fixture("CONVERSATION_COMPLETED"), eventId }, { secret: SECRET, url });

/** The example, with the call that people write where it runs during the build too. */
function writeVariant(): void {
  rmSync(atModuleLevel, { recursive: true, force: true });
  for (const file of ["app", "inbox.ts", "instrumentation.ts", "next.config.ts", "package.json", "tsconfig.json"])
    cpSync(new URL(file, example), new URL(file, atModuleLevel), { recursive: true });
  edit("app/webhooks/popp/route.ts", (text) => `${text}\ninbox.start();\n`);
  edit("next.config.ts", (text) => text.replace("../../../", "../../../../"));
}

function edit(file: string, change: (text: string) => string): void {
  const path = new URL(file, atModuleLevel);
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

beforeAll(writeVariant);
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
    const command = `${fileURLToPath(new URL("node_modules/.bin/next", example))} start --hostname 127.0.0.1 --port 0`;
    app = await startApp(command, folder, { ...env, POPP_WEBHOOK_SECRET: SECRET });
    await vi.waitFor(async () => expect((await states()).map(([, state]) => state)).toEqual(["done", "done"]), 60_000);

    const answer = await fetch(await deliver("evt_3", `${app.url}/webhooks/popp`));
    expect([answer.status, await answer.json()]).toEqual([200, { status: "accepted" }]);
    await vi.waitFor(async () => expect((await inbox.get("evt_3"))?.state).toBe("done"), 60_000);
    expect(await states()).toEqual(["evt_1", "evt_2", "evt_3"].map((id) => [id, "done", 1]));
    expect(app.output().match(/Conversation completed:/g)).toHaveLength(3);
  });
});
