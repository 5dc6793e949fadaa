import { type NodeCrypto, nodeHmac } from "./hmac-node.ts";
import { webHmac } from "./hmac-web.ts";
import type { SignatureCheck } from "./signature.ts";

let chosen: SignatureCheck | undefined;

/** The fastest there is here: `node:crypto`, where the platform has it and without importing it, otherwise WebCrypto. */
export function hmac(): SignatureCheck {
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
