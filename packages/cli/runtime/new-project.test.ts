import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../../docs/examples/free-port.ts";
import { startApp } from "../../next/test/start-app.ts";
import { fixture, signedRequest } from "../../testing/src/index.ts";
import { runCli } from "../test/run-cli.ts";

const PROJECTS = new URL(".projects/", import.meta.url);
const SECRET = "a secret of ours";
const QUIET = { NEXT_TELEMETRY_DISABLED: "1", WRANGLER_SEND_METRICS: "false", POPP_WEBHOOK_SECRET: undefined };

afterAll(() => rmSync(PROJECTS, { recursive: true, force: true }));

describe.each([
  ["hono", []],
  ["express", ["--inbox"]],
  ["fastify", []],
  ["next", ["--inbox"]],
  ["workers", ["--inbox"]],
])("a new project for %s %s", (framework, options) => {
  const folder = new URL(`${framework}/`, PROJECTS);
  const cwd = fileURLToPath(folder);

  /** Runs a script of package.json as a package manager does. */
  const run = (script: string) => {
    const PATH = [`${cwd}node_modules/.bin`, process.env.PATH].join(delimiter);
    execFileSync("sh", ["-c", commandOf(script)], { cwd, env: { ...process.env, ...QUIET, PATH }, stdio: "pipe" });
  };
  const commandOf = (script: string): string =>
    JSON.parse(readFileSync(new URL("package.json", folder), "utf8")).scripts[script];

  it("is written into an empty folder", async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const { code, stderr } = await runCli(["init", "--framework", framework, ...options], { cwd });
    expect([code, stderr]).toEqual([0, expect.stringContaining("npx @popp-webhooks/cli dev --forward")]);
    // In place of an installation: the same packages at the same versions.
    symlinkSync(fileURLToPath(new URL("node_modules", import.meta.url)), new URL("node_modules", folder));
  });

  it("passes its own checks, and builds", () => {
    for (const script of ["typecheck", "test", "build"]) run(script);
  });

  it("receives a signed delivery, and refuses a forged one", async () => {
    const port = await freePort();
    const isWorker = framework === "workers";
    const flags = isWorker ? ` --port ${port} --var POPP_WEBHOOK_SECRET:"${SECRET}"` : "";
    const env = { ...QUIET, POPP_WEBHOOK_SECRET: SECRET, PORT: `${port}` };
    const app = await startApp(commandOf("start") + flags, folder, env);
    onTestFinished(() => app.close());
    const send = async (secret: string) =>
      fetch(await signedRequest(fixture("CONVERSATION_COMPLETED"), { secret, url: `${app.url}/webhooks/popp` }));

    const status = options.includes("--inbox") ? "accepted" : "handled";
    const response = await send(SECRET);
    expect([response.status, await response.json()]).toEqual([200, { status }]);
    await expect.poll(app.output).toContain("Conversation completed:");
    expect((await send("another secret")).status).toBe(401);
  });
});
