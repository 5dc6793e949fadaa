import { execSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type StartedApp, startApp } from "../../packages/next/test/start-app.ts";
import { fixture, signedRequest } from "../../packages/testing/src/index.ts";
import { freePort } from "./free-port.ts";

/** The options of {@link describeExample}. */
export interface ExampleOptions {
  /** The path of the webhook. Default: `/webhooks/popp`. */
  readonly path?: string;
  /** The script that starts it. Default: `start`. */
  readonly script?: string;
  /** Arguments to add to the script. */
  readonly args?: (port: number, secret: string) => string;
}

const SECRET = "a-secret-of-ours";

/** Builds an example without a secret if it has a build, starts it with one, and sends it deliveries. */
export function describeExample(name: string, options: ExampleOptions = {}): void {
  const { path = "/webhooks/popp", script = "start", args } = options;
  describe(`the example ${name}, ${script}`, () => {
    const folder = new URL(`${name}/`, import.meta.url);
    let app: StartedApp;

    beforeAll(async () => {
      const { scripts } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
      if (scripts.build !== undefined) build(scripts.build, fileURLToPath(folder));
      const port = await freePort();
      const command = [scripts[script], args?.(port, SECRET) ?? ""].join(" ");
      app = await startApp(command, folder, {
        ...QUIET,
        POPP_WEBHOOK_SECRET: SECRET,
        HOST: "127.0.0.1",
        PORT: `${port}`,
      });
    });
    afterAll(() => app?.close());

    const deliver = async (payload: object, secret = SECRET) =>
      fetch(await signedRequest(payload, { secret, url: app.url + path }));

    it("handles a genuine event", async () => {
      const response = await deliver(fixture("CONVERSATION_COMPLETED"));

      expect([response.status, await response.text()]).toEqual([200, '{"status":"handled"}']);
      await expect.poll(app.output).toContain("Conversation completed:");
    });

    it("handles an event that is newer than the SDK", async () => {
      const response = await deliver({ event: "SOMETHING_NEW", eventId: "evt_new", data: {} });

      expect(response.status).toBe(200);
      await expect.poll(app.output).toContain("New to this SDK: SOMETHING_NEW");
    });

    it("handles an event of 200 kB", async () => {
      const response = await deliver({
        ...fixture("CONVERSATION_COMPLETED", { eventId: "evt_large" }),
        padding: "x".repeat(200_000),
      });

      expect([response.status, await response.text()]).toEqual([200, '{"status":"handled"}']);
    });

    it("refuses a forged delivery", async () => {
      const response = await deliver(fixture("CONVERSATION_COMPLETED"), "another secret");

      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: "SIGNATURE_MISMATCH" } });
    });
  });
}

const QUIET = { NEXT_TELEMETRY_DISABLED: "1", WRANGLER_SEND_METRICS: "false", NODE_ENV: "production" };

function build(command: string, cwd: string): void {
  const { POPP_WEBHOOK_SECRET: _, ...env } = process.env;
  const PATH = [`${cwd}node_modules/.bin`, env.PATH].join(delimiter);
  execSync(command, { cwd, env: { ...env, ...QUIET, PATH }, stdio: ["ignore", "ignore", "pipe"] });
}
