/** The form of a signature. Popp's documents do not specify it; the SDK accepts all of these forms. */
export interface SignPayloadOptions {
  /** The encoding of the 32 bytes. Default: `"hex"`. */
  readonly encoding?: "hex" | "base64" | "base64url";
  /** Whether to add the prefix `sha256=`. Default: false. */
  readonly prefix?: boolean;
}

/**
 * Signs a body as we assume that Popp does: with HMAC-SHA256 over its bytes.
 *
 * @param body - the exact body; a string is encoded as UTF-8
 * @param secret - the signing secret, as text
 * @returns the value for the `x-signature` header
 * @throws TypeError when the secret is missing or empty
 *
 * @example
 * ```ts
 * import { signPayload } from "@popp-webhooks/testing";
 *
 * const body = JSON.stringify({ event: "CONVERSATION_STARTED", data: {} });
 * export const headers = { "x-signature": await signPayload(body, "the signing secret") };
 * ```
 */
export async function signPayload(
  body: string | Uint8Array,
  secret: string,
  { encoding = "hex", prefix = false }: SignPayloadOptions = {},
): Promise<string> {
  if (typeof secret !== "string" || secret === "")
    throw new TypeError("`secret`: expected the signing secret as a text; is the variable that it comes from set?");
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  // WebCrypto cannot sign a view of shared memory, so the bytes are copied.
  const bytes = new Uint8Array(typeof body === "string" ? encoder.encode(body) : body);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return (prefix ? "sha256=" : "") + ENCODERS[encoding](digest);
}

const ENCODERS = {
  hex: (digest: Uint8Array) => Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
  base64: (digest: Uint8Array) => btoa(String.fromCharCode(...digest)),
  base64url: (digest: Uint8Array) =>
    ENCODERS.base64(digest).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
};
