import type { Layout } from "../project/layout.ts";

/** Writes the assertion that two expressions are equal. */
type Equal = (actual: string, expected: string) => string;

/** A test of the route; with an inbox, of the handlers behind one. undefined when the project's test runner is not known. */
export function routeTestFile(layout: Layout): string | undefined {
  switch (layout.testRunner) {
    case undefined:
      return undefined;
    case "vitest":
      return testFile(layout, 'import { expect, it } from "vitest";', (a, b) => `expect(${a}).toEqual(${b});`);
    case "node:test": {
      const imports = 'import assert from "node:assert/strict";\nimport { it } from "node:test";';
      return testFile(layout, imports, (a, b) => `assert.deepEqual(${a}, ${b});`);
    }
  }
}

function testFile(layout: Layout, runner: string, equal: Equal): string {
  const mount = layout.hasInbox
    ? inMemory(layout)
    : MOUNTS[layout.isWorker ? workerMount(layout) : layout.framework](layout);
  const status = layout.hasInbox ? "accepted" : "handled";
  const type = layout.isTypeScript ? [": string", ": Promise<Response>"] : ["", ""];
  const handled = layout.hasInbox ? `\n  ${equal("(await inbox.sweep()).done", "1")}` : "";
  return `${sorted([...runner.split("\n"), ...mount.imports, FIXTURES])}

const event = fixture("CONVERSATION_COMPLETED");
const secret = "a secret of the test";
${mount.setup}
async function send(signedWith${type[0]})${type[1]} {
${mount.send}
}

it("handles a signed delivery", async () => {
  const response = await send(secret);
  ${equal("[response.status, await response.json()]", `[\n    200,\n    { status: "${status}" },\n  ]`)}${handled}
});

it("refuses a forged delivery", async () => {
  const response = await send("another secret");
  ${equal("response.status", "401")}
});
`;
}

const FIXTURES = 'import { fixture, signedRequest } from "@popp-webhooks/testing";';

/** Packages of Node first, then others by name, then files. */
function sorted(imports: readonly string[]): string {
  const from = (line: string) => line.split(" from ")[1] ?? "";
  const rank = (line: string) => (from(line).startsWith('"node:') ? 0 : from(line).startsWith('".') ? 2 : 1);
  return [...imports].sort((a, b) => rank(a) - rank(b) || (from(a) < from(b) ? -1 : 1)).join("\n");
}

/** How a test puts the route into an app, and sends to it. */
interface Mount {
  readonly imports: readonly string[];
  readonly setup: string;
  readonly send: string;
}

const SECRET_OF_NODE = "process.env.POPP_WEBHOOK_SECRET = secret;\n";
const REQUEST = "await signedRequest(event, { secret: signedWith })";
const route = ({ importEnd }: Layout, name = "popp") => `import { ${name} } from "./route${importEnd}";`;

const MOUNTS = {
  next: (layout: Layout): Mount => ({
    imports: [route(layout, "POST")],
    setup: SECRET_OF_NODE,
    send: `  return POST(${REQUEST});`,
  }),
  hono: (layout: Layout): Mount => ({
    imports: ['import { Hono } from "hono";', route(layout)],
    setup: `${SECRET_OF_NODE}const app = new Hono().post("/webhooks/popp", popp);\n`,
    send: `  return app.fetch(${REQUEST});`,
  }),
  express: (layout: Layout): Mount => ({
    imports: [
      'import { once } from "node:events";',
      ...(layout.isTypeScript ? ['import type { AddressInfo } from "node:net";'] : []),
      'import express from "express";',
      route(layout),
    ],
    setup: `${SECRET_OF_NODE}const app = express().post("/webhooks/popp", popp);\n`,
    send: `  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address()${layout.isTypeScript ? " as AddressInfo" : ""};
  const url = \`http://127.0.0.1:\${port}/webhooks/popp\`;
  const request = await signedRequest(event, { secret: signedWith, url });
  return fetch(request).finally(() => server.close());`,
  }),
  fastify: (layout: Layout): Mount => ({
    imports: ['import Fastify from "fastify";', route(layout)],
    setup: SECRET_OF_NODE,
    send: `  const app = Fastify();
  await app.register(popp, { prefix: "/webhooks/popp" });
  const origin = await app.listen({ port: 0, host: "127.0.0.1" });
  const url = \`\${origin}/webhooks/popp\`;
  const request = await signedRequest(event, { secret: signedWith, url });
  const response = await fetch(request);
  await app.close();
  return response;`,
  }),
  workers: (layout: Layout): Mount => ({
    imports: [route(layout)],
    setup: "",
    send: `  const env = { POPP_WEBHOOK_SECRET: secret };
  return popp.fetch(${REQUEST}, env, {});`,
  }),
  honoOnWorkers: (layout: Layout): Mount => ({
    imports: ['import { Hono } from "hono";', route(layout)],
    setup: 'const app = new Hono().post("/webhooks/popp", popp);\n',
    send: `  const env = { POPP_WEBHOOK_SECRET: secret };
  return app.fetch(${REQUEST}, env);`,
  }),
};

const workerMount = ({ framework }: Layout) => (framework === "hono" ? "honoOnWorkers" : "workers");

/** The handlers behind an inbox in memory, so that the test writes no file. */
function inMemory({ importEnd }: Layout): Mount {
  return {
    imports: [
      'import { createReceiver } from "@popp-webhooks/core";',
      'import { createInbox } from "@popp-webhooks/inbox";',
      'import { memoryStore } from "@popp-webhooks/inbox/memory";',
      `import { handlers } from "./handlers${importEnd}";`,
    ],
    setup: `const inbox = createInbox({ store: memoryStore(), on: handlers });
const receiver = createReceiver({ secret, inbox });
`,
    send: `  return receiver.fetch(${REQUEST});`,
  };
}
