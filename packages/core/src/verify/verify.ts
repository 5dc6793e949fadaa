import { Refusal } from "../errors/refusal.ts";
import { type Eventually, whenThere } from "../lib/maybe-promise.ts";
import type { Claim } from "./claim.ts";
import { hmac } from "./hmac.ts";
import { signatureHeader, signedBytes } from "./scheme.ts";
import { resolveSecrets } from "./secret.ts";
import { DIGEST_BYTES, decodeSignature, signaturesIn } from "./signature.ts";
import { assumeVerified, type VerifiedBody } from "./verified-body.ts";

/**
 * Finds out whether the body is genuine: HMAC-SHA256 over its exact bytes, compared in constant time.
 *
 * A missing signature is judged first, then a missing secret, then the signature itself; an undecodable one only
 * when nothing has matched.
 */
export function verify(body: Uint8Array, claim: Claim): Eventually<VerifiedBody | Refusal> {
  const signatures = signaturesIn(claim.signature);
  if (signatures.length > 0)
    return whenThere(resolveSecrets(claim.secret), (secrets) => compare(body, claim, signatures, secrets));
  return new Refusal(
    "SIGNATURE_MISSING",
    `No \`${signatureHeader(claim.scheme)}\` header: not from Popp, or a proxy removed it.`,
  );
}

function compare(
  body: Uint8Array,
  { scheme, header }: Claim,
  signatures: readonly string[],
  secrets: readonly string[] | Refusal,
): Eventually<VerifiedBody | Refusal> {
  if (secrets instanceof Refusal) return secrets;
  const signed = signedBytes(body, scheme, header);
  if (signed instanceof Refusal) return signed;
  return whenThere(hmac()(signed, secrets, signatures), (genuine) =>
    genuine === true ? assumeVerified(body) : refuse(signatures, signatureHeader(scheme)),
  );
}

function refuse(signatures: readonly string[], header: string): Refusal {
  const scratch = new Uint8Array(DIGEST_BYTES);
  return signatures.some((signature) => decodeSignature(signature, scratch))
    ? new Refusal("SIGNATURE_MISMATCH", `\`${header}\` does not match: another secret, or changed bytes. ${ASK}`)
    : new Refusal("SIGNATURE_MALFORMED", `\`${header}\` must be 64 hex digits, or 32 bytes in base64.`);
}

const ASK = "explainMismatch in @popp-webhooks/core/diagnose says which.";
