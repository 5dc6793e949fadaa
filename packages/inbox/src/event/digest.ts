const encoder = /* @__PURE__ */ new TextEncoder();

interface Host {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => { readonly hash?: OneShotHash } | undefined;
  };
}

type OneShotHash = (algorithm: "sha256", data: Uint8Array, encoding: "hex") => string;

let known: { readonly hash: OneShotHash | undefined } | undefined;

/** The SHA-256 of bytes, or of a text in UTF-8, as hex digits. */
export async function sha256(data: string | Uint8Array): Promise<string> {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  known ??= { hash: oneShotHash() };
  if (known.hash !== undefined) return known.hash("sha256", bytes, "hex");
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Some edge sandboxes have a `process` that throws at every access. */
function oneShotHash(): OneShotHash | undefined {
  try {
    return (globalThis as Host).process?.getBuiltinModule?.("node:crypto")?.hash;
  } catch {
    return undefined;
  }
}
