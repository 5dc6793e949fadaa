import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { type StartedApp, startApp } from "../../../packages/next/test/start-app.ts";
import { describeInspector, TOKENS } from "../describe-inspector.ts";
import { freePort } from "../free-port.ts";

const folder = new URL("./", import.meta.url);

describe.each(["express", "fastify", "hono"])("the example inspector-node, %s", (script) => {
  const files = mkdtempSync(join(tmpdir(), "popp-inspector-"));
  let app: StartedApp;

  beforeAll(async () => {
    const { scripts } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
    const env = { ...TOKENS, PORT: `${await freePort()}`, POPP_DATABASE: join(files, "popp.db") };
    app = await startApp(scripts[script], folder, env);
  });
  afterAll(async () => {
    await app?.close();
    rmSync(files, { recursive: true });
  });

  describeInspector(() => app);
});
