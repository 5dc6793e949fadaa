import type { Eventually } from "./eventually.ts";
import { type NodeCrypto, nodeHmac } from "./hmac-node.ts";
import { webHmac } from "./hmac-web.ts";

/**
 * Tells whether any of the signatures is the HMAC-SHA256 of the bytes under any of the secrets; one that cannot be decoded is none.
 *
 * All pairs are tried and none ends the search early, so that time tells nothing of which one it was.
 */
export type Hmac = (
  bytes: Uint8Array,
  secrets: readonly string[],
  signatures: readonly string[],
) => Eventually<boolean>;

/** How many secrets' prepared keys are kept, enough for many tenants in one process; beyond, all are made anew. */
export const KEYS_KEPT = 64;

let chosen: Hmac | undefined;

/** The fastest there is here: `node:crypto`, where the platform has it and without importing it, otherwise WebCrypto. */
export function hmac(): Hmac {
  if (chosen === undefined) {
    const crypto = nodeCrypto();
    chosen = crypto?.hash ? nodeHmac(crypto) : webHmac;
  }
  return chosen;
}

/** What Next's edge sandbox calls `process` has every function of Node's, and each of them throws. */
function nodeCrypto(): NodeCrypto | undefined {
  try {
    // Through globalThis, so that bundlers for edge runtimes neither warn of `process` nor try to supply it.
    return (globalThis as Host).process?.getBuiltinModule?.("node:crypto");
  } catch {
    return undefined;
  }
}

interface Host {
  readonly process?: {
    readonly getBuiltinModule?: (name: "node:crypto") => NodeCrypto | undefined;
  };
}
