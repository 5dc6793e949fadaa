import { bundleOf, bundleOfCore, SIZE_LIMITS } from "../../core/scripts/bundle-size.ts";
import type { Result } from "./result.ts";

const PEERS: readonly [what: string, code: string][] = [
  ["@octokit/webhooks-methods", 'export { verify } from "@octokit/webhooks-methods";'],
  ["standardwebhooks", 'export { Webhook } from "standardwebhooks";'],
  ["svix", 'export { Webhook } from "svix";'],
  ["stripe", 'export { default } from "stripe";'],
];

/** Measures the sizes of core, against the targets, and of peers. Peers are bundled for browsers without Node modules. */
export async function sizes(): Promise<Result[]> {
  const ours = SIZE_LIMITS.map(async ({ what, names, promisedBytes }): Promise<Result> => {
    const { gzippedBytes } = await bundleOfCore(names);
    const target = `≤ ${kilobytes(promisedBytes)}`;
    return { what, against: AGAINST, measured: kilobytes(gzippedBytes), target, met: gzippedBytes <= promisedBytes };
  });
  const peers = PEERS.map(async ([what, code]): Promise<Result> => {
    const bundle = bundleOf(code, import.meta.dirname, { platform: "browser", external: ["node:*", "crypto"] });
    const measured = await bundle.then(
      ({ gzippedBytes }) => kilobytes(gzippedBytes),
      () => "does not bundle",
    );
    return { what, against: AGAINST, measured };
  });
  return Promise.all([...ours, ...peers]);
}

const AGAINST = "size, minified and gzipped";

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(2)} kB`;
}
