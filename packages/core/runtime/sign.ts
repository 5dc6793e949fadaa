/** The secret that cases sign with, where it is not the secret that is tried. */
export const SECRET = "the signing secret";

/** The signature of a body, in hex, by the platform's WebCrypto: whichever way core takes, this is another one or another call. */
export async function sign(body: string | Uint8Array<ArrayBuffer>, secret: string = SECRET): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The same signature in base64. */
export function inBase64(hex: string): string {
  return btoa(hex.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16))));
}
