import type { Layout } from "../project/layout.ts";

/** The server of a new project. Next needs none. */
export function serverFile(layout: Layout): string | undefined {
  const { framework, hasInbox, isWorker } = layout;
  if (isWorker) return workerFile(layout);
  switch (framework) {
    case "express":
      return `import express from "express";
${imports(layout)}

const app = express();
// Before express.json(): the signature covers the exact bytes.
app.post("/webhooks/popp", popp);
app.use(express.json());

const port = Number(process.env.PORT ?? 3000);
${hasInbox ? "const server = " : ""}app.listen(port, () => {
  console.log(\`Listening on http://localhost:\${port}\`);
});
${lifeOf(layout, "server.close(() => inbox.close());")}`;
    case "fastify":
      return `import Fastify from "fastify";
${imports(layout)}

const app = Fastify();
await app.register(popp, { prefix: "/webhooks/popp" });

const port = Number(process.env.PORT ?? 3000);
await app.listen({ port, host: "0.0.0.0" });
console.log(\`Listening on http://localhost:\${port}\`);
${lifeOf(layout, "void app.close().then(() => inbox.close());")}`;
    case "hono":
      return `import { serve } from "@hono/node-server";
import { Hono } from "hono";
${imports(layout)}

const app = new Hono();
app.post("/webhooks/popp", popp);

const port = Number(process.env.PORT ?? 3000);
${hasInbox ? "const server = " : ""}serve({ fetch: app.fetch, port }, () => {
  console.log(\`Listening on http://localhost:\${port}\`);
});
${lifeOf(layout, "server.close(() => inbox.close());")}`;
    default:
      return undefined;
  }
}

function imports({ hasInbox, importEnd }: Layout): string {
  const inbox = hasInbox ? `import { inbox } from "./popp/inbox${importEnd}";\n` : "";
  return `${inbox}import { popp } from "./popp/route${importEnd}";`;
}

/** Starts the inbox with the server, and ends both: a process that listens for SIGTERM does not end by itself. */
function lifeOf({ hasInbox }: Layout, end: string): string {
  if (!hasInbox) return "";
  return `
inbox.start();
process.once("SIGTERM", () => {
  ${end}
});
`;
}

function workerFile({ framework, hasInbox, importEnd }: Layout): string {
  const route = `import { popp } from "./popp/route${importEnd}";\n`;
  if (framework === "hono")
    return `import { Hono } from "hono";
${route}
const app = new Hono();
app.post("/webhooks/popp", popp);

export default app;
`;
  if (!hasInbox) return `${route}\nexport default popp;\n`;
  return `import { inboxOf, type PoppEnv } from "./popp/inbox${importEnd}";
${route}
export default {
  ...popp,
  // Retries what failed, whenever the cron trigger fires.
  scheduled: async (_controller, env) => {
    await inboxOf(env).sweep();
  },
} satisfies ExportedHandler<PoppEnv>;
`;
}
