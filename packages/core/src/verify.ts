import type { Claim } from "./claim.ts";
import { hmac } from "./hmac.ts";
import { Refusal } from "./refusal.ts";
import { resolveSecrets } from "./secret.ts";
import { DIGEST_BYTES, decodeSignature } from "./signature.ts";
import type { VerifiedBody } from "./verified-body.ts";
import { assumeVerified, bytesOf } from "./verified-body.ts";

/**
 * Finds out whether the body is genuine: HMAC-SHA256 over its exact bytes, compared in constant time.
 *
 * A missing signature is judged first, then a missing secret, then the signature itself; an undecodable one only
 * when nothing has matched.
 */
export function verify(body: Uint8Array, claim: Claim): VerifiedBody | Refusal | Promise<VerifiedBody | Refusal> {
  if (claim.signatures.length === 0) return new Refusal("SIGNATURE_MISSING", missing(claim.header));
  const secrets = resolveSecrets(claim.secret);
  if (secrets instanceof Promise) return secrets.then((resolved) => compare(body, claim, resolved));
  return compare(body, claim, secrets);
}

function compare(
  body: Uint8Array,
  claim: Claim,
  secrets: readonly string[] | Refusal,
): VerifiedBody | Refusal | Promise<VerifiedBody | Refusal> {
  if (secrets instanceof Refusal) return secrets;
  const candidates = decodeAll(claim.signatures);
  if (candidates.length === 0) return new Refusal("SIGNATURE_MALFORMED", malformed(claim.header));
  const signed = claim.signedContent === undefined ? body : signedBytes(body, claim.signedContent);
  if (signed instanceof Refusal) return signed;
  const genuine = hmac()(signed, secrets, candidates);
  if (typeof genuine === "boolean") return judge(genuine, body, claim);
  return genuine.then((answer) => judge(answer, body, claim));
}

function judge(genuine: boolean, body: Uint8Array, claim: Claim): VerifiedBody | Refusal {
  return genuine ? assumeVerified(body) : new Refusal("SIGNATURE_MISMATCH", mismatch(claim.header));
}

function decodeAll(signatures: readonly string[]): Uint8Array[] {
  const decoded: Uint8Array[] = [];
  for (const signature of signatures) {
    const bytes = new Uint8Array(DIGEST_BYTES);
    if (decodeSignature(signature, bytes)) decoded.push(bytes);
  }
  return decoded;
}

function signedBytes(body: Uint8Array, signedContent: (body: Uint8Array) => Uint8Array | string): Uint8Array | Refusal {
  try {
    return bytesOf(signedContent(body));
  } catch (cause) {
    return new Refusal("INTERNAL", "The function given as `scheme.signedContent` failed: see the cause.", { cause });
  }
}

const missing = (header: string) =>
  `The request has no \`${header}\` header. Popp signs every delivery: this one did not come from Popp, or a proxy removed the header.`;

const malformed = (header: string) =>
  `The \`${header}\` header holds no HMAC-SHA256 signature: expected 64 hex digits, or 32 bytes in base64.`;

const mismatch = (header: string) =>
  `The \`${header}\` header does not match the body: the secret is another one, or the body was changed on its way. explainMismatch in @popp-webhooks/core/diagnose says which.`;
