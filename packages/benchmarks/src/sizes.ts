import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Result } from "./result.ts";

/** What an edge function that imports it weighs, minified and gzipped, with all that it needs. */
async function gzipped(code: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*", "crypto"],
    write: false,
    logLevel: "silent",
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).byteLength;
}

const OURS: readonly [what: string, code: string, targetBytes: number][] = [
  ["verifySignature", 'export { verifySignature } from "@popp-webhooks/core";', 2_000],
  [
    "verifySignature, parseEvent, 26 events",
    'export { verifySignature, parseEvent } from "@popp-webhooks/core";',
    5_000,
  ],
  ["the whole receiver", 'export { createReceiver } from "@popp-webhooks/core";', 6_800],
];

const PEERS: readonly [what: string, code: string][] = [
  ["@octokit/webhooks-methods", 'export { verify } from "@octokit/webhooks-methods";'],
  ["standardwebhooks", 'export { Webhook } from "standardwebhooks";'],
  ["svix", 'export { Webhook } from "svix";'],
  ["stripe", 'export { default } from "stripe";'],
];

export async function sizes(): Promise<Result[]> {
  const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(2)} kB`;
  const ours = OURS.map(async ([what, code, target]): Promise<Result> => {
    const bytes = await gzipped(code);
    return {
      what,
      against: "size, minified and gzipped",
      measured: kilobytes(bytes),
      target: `≤ ${kilobytes(target)}`,
      met: bytes <= target,
    };
  });
  const peers = PEERS.map(
    async ([what, code]): Promise<Result> => ({
      what,
      against: "size, minified and gzipped",
      measured: await gzipped(code).then(kilobytes, () => "does not bundle"),
    }),
  );
  return Promise.all([...ours, ...peers]);
}
