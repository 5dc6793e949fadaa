import { Refusal } from "../errors/refusal.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import type { HeaderLookup } from "../read/delivery.ts";
import { hmac } from "./hmac.ts";
import { type Scheme, signatureHeader, signedBytes } from "./scheme.ts";
import { resolveSecrets, type Secret, type Secrets } from "./secret.ts";
import { decodeSignature, signaturesIn } from "./signature.ts";
import { assumeVerified, type VerifiedBody } from "./verified-body.ts";

/** The part of a delivery that a signature check needs, beside the body. */
export interface SignatureInput {
  /** The signature header's value, or values; null when there is none. */
  readonly signature: string | readonly string[] | null | undefined;
  /** Returns another header's value, for a scheme that signs headers too. */
  readonly header: HeaderLookup;
}

/** How signatures are checked. */
export interface SignatureOptions {
  /** The secret or secrets that may have signed the body. */
  readonly secret: Secret;
  /** How long a secret function may take, in milliseconds. */
  readonly secretTimeoutMs?: number | undefined;
  /** How the signature scheme differs from the assumed one. */
  readonly scheme?: Scheme | undefined;
}

/** A body whose signature is genuine. */
export interface Verified {
  readonly body: VerifiedBody;
  /** The place of the secret that matched, counted from 0 in the list as given. */
  readonly secretIndex: number;
}

/** Takes the signature from a delivery's headers. */
export function signatureInputOf(lookup: HeaderLookup, scheme: Scheme | undefined): SignatureInput {
  const header = (name: string) => lookup(name.toLowerCase());
  return { signature: header(signatureHeader(scheme)), header };
}

/**
 * Verifies a body: HMAC-SHA256 over its exact bytes, compared in constant time.
 *
 * Checks for a missing signature first, then for a missing secret, then the signature itself. An undecodable signature is reported
 * only when no other one matches.
 */
export function verify(
  body: Uint8Array,
  { signature, header }: SignatureInput,
  { secret, secretTimeoutMs, scheme }: SignatureOptions,
): MaybePromise<Verified | Refusal> {
  const signatures = signaturesIn(signature);
  if (signatures.length > 0)
    return chain(resolveSecrets(secret, secretTimeoutMs), (secrets) =>
      compare(body, header, scheme, signatures, secrets),
    );
  return new Refusal(
    "SIGNATURE_MISSING",
    `No \`${signatureHeader(scheme)}\` header: not from Popp, or a proxy removed it.`,
  );
}

function compare(
  body: Uint8Array,
  header: SignatureInput["header"],
  scheme: Scheme | undefined,
  signatures: readonly string[],
  secrets: Secrets | Refusal,
): MaybePromise<Verified | Refusal> {
  if (secrets instanceof Refusal) return secrets;
  const signed = signedBytes(body, scheme, header);
  if (signed instanceof Refusal) return signed;
  // Only a number is a match: whatever else a runtime's crypto may give must not let a forgery in.
  return chain(hmac()(signed, secrets, signatures), (secretIndex) =>
    typeof secretIndex === "number" && secretIndex >= 0
      ? { body: assumeVerified(body), secretIndex }
      : refuse(signatures, signatureHeader(scheme)),
  );
}

function refuse(signatures: readonly string[], header: string): Refusal {
  return signatures.some(decodeSignature)
    ? new Refusal("SIGNATURE_MISMATCH", `\`${header}\` does not match: another secret, or changed bytes. ${ASK}`)
    : new Refusal("SIGNATURE_MALFORMED", `\`${header}\` must be 64 hex digits, or 32 bytes in base64.`);
}

const ASK = "explainMismatch in @popp-webhooks/core/diagnose says which.";
