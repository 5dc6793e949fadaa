import type { Claim } from "./claim.ts";
import { hmac } from "./hmac.ts";
import { Refusal } from "./refusal.ts";
import { signatureHeader, signedBytes } from "./scheme.ts";
import { resolveSecrets } from "./secret.ts";
import { decodeSignature, signaturesIn } from "./signature.ts";
import { assumeVerified, type VerifiedBody } from "./verified-body.ts";

/**
 * Finds out whether the body is genuine: HMAC-SHA256 over its exact bytes, compared in constant time.
 *
 * A missing signature is judged first, then a missing secret, then the signature itself; an undecodable one only
 * when nothing has matched.
 */
export async function verify(
  body: Uint8Array,
  { signature, secret, scheme, header }: Claim,
): Promise<VerifiedBody | Refusal> {
  const signatures = signaturesIn(signature);
  const name = signatureHeader(scheme);
  if (!signatures.length)
    return new Refusal("SIGNATURE_MISSING", `No \`${name}\` header: not sent by Popp, or a proxy removed it.`);
  const secrets = await resolveSecrets(secret);
  if (secrets instanceof Refusal) return secrets;
  const candidates = signatures.map(decodeSignature).filter((candidate) => candidate !== undefined);
  if (!candidates.length)
    return new Refusal("SIGNATURE_MALFORMED", `\`${name}\` must be 64 hex digits, or 32 bytes in base64.`);
  const signed = signedBytes(body, scheme, header);
  if (signed instanceof Refusal) return signed;
  if (await hmac()(signed, secrets, candidates)) return assumeVerified(body);
  return new Refusal(
    "SIGNATURE_MISMATCH",
    `\`${name}\` does not match: another secret, or changed bytes. explainMismatch in @popp-webhooks/core/diagnose says which.`,
  );
}
