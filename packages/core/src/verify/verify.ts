import { Refusal } from "../errors/refusal.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import { type Delivery, headerValue } from "../read/delivery.ts";
import { hmac } from "./hmac.ts";
import { type Scheme, signatureHeader, signedBytes } from "./scheme.ts";
import { resolveSecrets, type Secret } from "./secret.ts";
import { DIGEST_BYTES, decodeSignature, signaturesIn } from "./signature.ts";
import { assumeVerified, type VerifiedBody } from "./verified-body.ts";

/** What a body claims to be, and what it has to be checked against. */
export interface SignatureInput {
  /** The signature header's value, or values; null when there is none. */
  readonly signature: string | readonly string[] | null | undefined;
  /** The secret or secrets it must be signed with. */
  readonly secret: Secret;
  /** Where the scheme differs from the one that is assumed. */
  readonly scheme?: Scheme | undefined;
  /** Gives another header's value, for a scheme that signs some of them. */
  readonly header: (name: string) => string | null;
}

/** The claim that a delivery's headers make. */
export function signatureInputOf(
  { headers }: Delivery,
  { secret, scheme }: Pick<SignatureInput, "secret" | "scheme">,
): SignatureInput {
  const header = (name: string) => headerValue(headers, name.toLowerCase());
  return { signature: header(signatureHeader(scheme)), secret, scheme, header };
}

/**
 * Finds out whether the body is genuine: HMAC-SHA256 over its exact bytes, compared in constant time.
 *
 * A missing signature is judged first, then a missing secret, then the signature itself; an undecodable one only
 * when nothing has matched.
 */
export function verify(body: Uint8Array, claim: SignatureInput): MaybePromise<VerifiedBody | Refusal> {
  const signatures = signaturesIn(claim.signature);
  if (signatures.length > 0)
    return chain(resolveSecrets(claim.secret), (secrets) => compare(body, claim, signatures, secrets));
  return new Refusal(
    "SIGNATURE_MISSING",
    `No \`${signatureHeader(claim.scheme)}\` header: not from Popp, or a proxy removed it.`,
  );
}

function compare(
  body: Uint8Array,
  { scheme, header }: SignatureInput,
  signatures: readonly string[],
  secrets: readonly string[] | Refusal,
): MaybePromise<VerifiedBody | Refusal> {
  if (secrets instanceof Refusal) return secrets;
  const signed = signedBytes(body, scheme, header);
  if (signed instanceof Refusal) return signed;
  return chain(hmac()(signed, secrets, signatures), (genuine) =>
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
