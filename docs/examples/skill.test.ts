import { execFileSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { startApp } from "../../packages/next/test/start-app.ts";
import { fixture, signedRequest } from "../../packages/testing/src/index.ts";
import { freePort } from "./free-port.ts";
import { followSkill, type ProjectKind, removeProjects, sectionsWithFiles } from "./skill-project.ts";

const SECRET = "a secret of ours";
const ALL = "packages/cli/runtime";

interface Project {
  readonly kind?: ProjectKind;
  readonly sections: readonly string[];
  /** Where the project's packages are installed. */
  readonly from?: string;
  /** The command that starts it. */
  readonly start: (port: number) => string;
  /** The status in the answer to a genuine delivery. Default: `handled`. */
  readonly status?: string;
}

const server = () => "node dist/server.js";
const next = (port: number) => `next dev --port ${port}`;

const projects: Readonly<Record<string, Project>> = {
  express: { sections: ["The receiver", "Express"], start: server },
  fastify: { sections: ["The receiver", "Fastify"], start: server },
  hono: { sections: ["The receiver", "Hono on Node"], start: server },
  nest: { sections: ["NestJS"], from: "docs/examples/nest-express", start: () => "node dist/main.js" },
  workers: {
    kind: "worker",
    sections: ["Hono on Workers"],
    start: (port) =>
      `wrangler dev src/index.ts --compatibility-date 2026-07-01 --port ${port} --var POPP_WEBHOOK_SECRET:"${SECRET}"`,
  },
  next: { kind: "next", sections: ["Next.js, App Router"], start: next },
  "express-inbox": { sections: ["An inbox", "An inbox on a Node server"], start: server, status: "accepted" },
  "next-inbox": { kind: "next", sections: ["An inbox", "An inbox in Next.js"], start: next, status: "accepted" },
};

afterAll(removeProjects);

describe.each(Object.entries(projects))("the skill, followed in an empty project: %s", (name, project) => {
  const { kind = "node", sections, from = ALL, start, status = "handled" } = project;
  let folder: URL;

  it("compiles", () => {
    folder = followSkill(name, kind, sections, from);
  });

  it("handles a genuine delivery, and refuses a forged one", async () => {
    const port = await freePort();
    const app = await startApp(start(port), folder, {
      POPP_WEBHOOK_SECRET: kind === "worker" ? undefined : SECRET,
      PORT: `${port}`,
      NEXT_TELEMETRY_DISABLED: "1",
      WRANGLER_SEND_METRICS: "false",
    });
    onTestFinished(() => app.close());
    const send = async (secret: string) =>
      fetch(await signedRequest(fixture("CONVERSATION_COMPLETED"), { secret, url: `${app.url}/webhooks/popp` }));

    const response = await send(SECRET);
    expect([response.status, await response.text()]).toEqual([200, `{"status":"${status}"}`]);
    await expect.poll(app.output).toContain("Completed: ");
    expect((await send("another secret")).status).toBe(401);
  });
});

it("the skill, followed in an empty project: lambda", async () => {
  const folder = followSkill("lambda", "node", ["The receiver", "AWS Lambda"], "docs/examples/lambda");
  const { handler } = await import(
    /* @vite-ignore */ pathToFileURL(fileURLToPath(new URL("dist/handler.js", folder))).href
  );
  process.env.POPP_WEBHOOK_SECRET = SECRET;
  const invoke = async (secret: string, isBase64Encoded: boolean) => {
    const request = await signedRequest(fixture("CONVERSATION_COMPLETED"), { secret });
    return handler({
      headers: Object.fromEntries(request.headers),
      body: Buffer.from(await request.arrayBuffer()).toString(isBase64Encoded ? "base64" : "utf8"),
      isBase64Encoded,
      requestContext: { http: { method: "POST" } },
    });
  };

  expect(await invoke(SECRET, true)).toMatchObject({ statusCode: 200, body: '{"status":"handled"}' });
  expect(await invoke(SECRET, false)).toMatchObject({ statusCode: 200, body: '{"status":"duplicate"}' });
  expect(await invoke("another secret", false)).toMatchObject({ statusCode: 401 });
});

it("the test of the skill passes", () => {
  const folder = followSkill("tested", "node", ["The receiver", "Test"], ALL);
  const vitest = fileURLToPath(new URL("node_modules/vitest/vitest.mjs", folder));
  const output = execFileSync(process.execPath, [vitest, "run", "src"], {
    cwd: fileURLToPath(folder),
    encoding: "utf8",
    stdio: "pipe",
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect(output).toMatch(/Tests +2 passed/);
});

it("no section with files is left out", () => {
  const followed = Object.values(projects).flatMap(({ sections }) => sections);
  expect(sectionsWithFiles.filter((title) => !["AWS Lambda", "Test", ...followed].includes(title))).toEqual([]);
  expect(sectionsWithFiles).toHaveLength(12);
});
