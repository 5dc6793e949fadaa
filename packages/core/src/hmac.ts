import type { NodeCrypto } from "./hmac-node.ts";
import { nodeHmac } from "./hmac-node.ts";
import { webHmac } from "./hmac-web.ts";

/**
 * Tells whether any of the candidates is the HMAC-SHA256 of the bytes under any of the secrets.
 *
 * All pairs are tried and none ends the search early, so that time tells nothing of which one it was.
 */
export type Hmac = (
  bytes: Uint8Array,
  secrets: readonly string[],
  candidates: readonly Uint8Array[],
) => boolean | Promise<boolean>;

let chosen: Hmac | undefined;

/** The fastest there is here: `node:crypto`, where the platform has it and without importing it, otherwise WebCrypto. */
export function hmac(): Hmac {
  if (chosen === undefined) {
    const crypto = nodeCrypto();
    chosen = crypto === undefined ? webHmac : nodeHmac(crypto);
  }
  return chosen;
}

/** Through `globalThis`, so that bundlers for edge runtimes neither warn of `process` nor try to supply it. */
function nodeCrypto(): NodeCrypto | undefined {
  const crypto = (globalThis as Host).process?.getBuiltinModule?.("node:crypto");
  return typeof crypto?.hash === "function" && typeof crypto.createHmac === "function" ? crypto : undefined;
}

interface Host {
  readonly process?: { readonly getBuiltinModule?: (name: "node:crypto") => NodeCrypto | undefined };
}
