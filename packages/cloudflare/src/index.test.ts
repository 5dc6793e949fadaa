import { fileURLToPath } from "node:url";
import { type DescribeAdapterOptions, describeAdapter } from "@popp-webhooks/testing/adapter";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { describe } from "vitest";

const RESET =
  "workerd resets the connection of a body that was not read to its end, at times before the answer is read";

const options: DescribeAdapterOptions = {
  impossible: {
    "refuses a body over the limit with a content-length": RESET,
    "refuses a chunked body over the limit": RESET,
    "keeps the connection after refusing a body over the limit with a content-length": RESET,
    "keeps the connection after refusing a chunked body over the limit": RESET,
    "a client that writes everything before it reads receives the 413": RESET,
  },
};

describe.each([
  ["without Node's modules", []],
  ["with nodejs_compat", ["nodejs_compat"]],
])("%s", (_, compatibilityFlags) => {
  describeAdapter(
    "workerd",
    async () => {
      const { outputFiles } = await build({
        entryPoints: [fileURLToPath(new URL("../test/worker.ts", import.meta.url))],
        bundle: true,
        format: "esm",
        target: "es2022",
        conditions: ["@popp-webhooks/source", "workerd"],
        write: false,
      });
      const worker = new Miniflare({
        modules: true,
        script: outputFiles[0]?.text ?? "",
        compatibilityDate: "2026-07-01",
        compatibilityFlags,
        host: "127.0.0.1",
        port: 0,
      });
      return { url: (await worker.ready).href, close: () => worker.dispose() };
    },
    options,
  );
});
