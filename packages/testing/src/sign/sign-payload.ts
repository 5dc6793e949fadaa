/** How a signature is written: Popp's documents name no encoding, and the SDK accepts all of these. */
export interface SignPayloadOptions {
  /** The encoding of the 32 bytes. Default: `"hex"`, the likeliest. */
  readonly encoding?: "hex" | "base64" | "base64url";
  /** Whether `sha256=` stands before it. Default: false. */
  readonly prefix?: boolean;
}

/**
 * Signs a body as Popp is assumed to: HMAC-SHA256 over its bytes.
 *
 * @param body - the body as it will be sent; a string is taken as UTF-8
 * @param secret - the signing secret, as text
 * @returns the value for the `x-signature` header
 * @throws TypeError when there is no secret
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
  // A copy has a buffer of its own: a view of shared memory could not be signed.
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
