import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { describeAdapter, type MountedAdapter } from "@popp-webhooks/testing/adapter";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { startApp } from "../../next/test/start-app.ts";
import { app } from "../test/app.ts";

const folder = new URL("..", import.meta.url);
const onSources = "--conditions=@popp-webhooks/source";

function routesAt(origin: string, close: () => Promise<unknown>): MountedAdapter {
  return {
    url: `${origin}/webhooks`,
    jsonUrl: `${origin}/json`,
    parsedFirstUrl: `${origin}/parsed-first`,
    close: async () => void (await close()),
  };
}

async function inProcessOf(command: string): Promise<MountedAdapter> {
  const { url, close } = await startApp(command, folder, {});
  return routesAt(url, close);
}

describeAdapter("Hono on @hono/node-server", async () => {
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const starting = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(starting));
  });
  const { port } = server.address() as AddressInfo;
  return routesAt(`http://127.0.0.1:${port}`, () => {
    const closed = new Promise((resolve) => server.close(resolve));
    if ("closeAllConnections" in server) server.closeAllConnections();
    return closed;
  });
});

describeAdapter("Hono on Bun", () => inProcessOf(`bun ${onSources} test/serve-bun.js`));

describeAdapter("Hono on Deno", () => inProcessOf(`deno run --allow-net --allow-env ${onSources} test/serve-deno.js`), {
  impossible: {
    "keeps the connection after refusing a body over the limit with a content-length":
      "Deno closes the connection when an answer is given before the body was read",
  },
});

const RESET =
  "workerd resets the connection of a body that was not read to its end, at times before the answer is read";

describeAdapter(
  "Hono on workerd",
  async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("test/worker.ts", folder))],
      bundle: true,
      format: "esm",
      target: "es2022",
      conditions: ["@popp-webhooks/source", "workerd"],
      write: false,
    });
    const script = outputFiles[0]?.text ?? "";
    const worker = new Miniflare({
      modules: true,
      script,
      compatibilityDate: "2026-07-01",
      host: "127.0.0.1",
      port: 0,
    });
    return routesAt((await worker.ready).origin, () => worker.dispose());
  },
  {
    impossible: {
      "refuses a body over the limit with a content-length": RESET,
      "refuses a chunked body over the limit": RESET,
      "keeps the connection after refusing a body over the limit with a content-length": RESET,
      "keeps the connection after refusing a chunked body over the limit": RESET,
      "a client that writes everything before it reads receives the 413": RESET,
    },
  },
);
