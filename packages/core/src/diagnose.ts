/**
 * Says why a delivery does not verify; for development only.
 *
 * @packageDocumentation
 */
import { HYPOTHESES } from "./diagnose/hypotheses.ts";
import type { Evidence, Hypothesis, HypothesisCause } from "./diagnose/hypothesis.ts";
import { equalDigests } from "./equal-digests.ts";
import { DIGEST_BYTES, decodeSignature, signaturesIn } from "./signature.ts";
import { bytesOf, isBytes } from "./verified-body.ts";

/** Why a delivery does not verify, as one stable word. */
export type MismatchCause =
  | HypothesisCause
  | "signature-missing"
  | "signature-length"
  | "signature-undecodable"
  | "secret-missing"
  | "body-object"
  | "body-replaced"
  | "unknown";

/** What {@link explainMismatch} found. */
export interface MismatchExplanation {
  /** The cause, as one stable word. */
  readonly cause: MismatchCause;
  /** What happened, and what to change, in a sentence or two; it holds no secret, no signature and nothing of the body. */
  readonly explanation: string;
}

/** A delivery that did not verify, as the code that refused it saw it. */
export interface MismatchedDelivery {
  /** The body as it was given to `verifySignature`. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** The value of the `x-signature` header, or its values. */
  readonly signature: string | readonly string[] | null | undefined;
  /** The secret, or the secrets, as they were configured. */
  readonly secret: string | readonly string[];
}

/**
 * Says why a delivery does not verify: it recomputes the signature for each mistake that is known, and names the one that fits.
 *
 * For development only: it tells what would match, so its answer must not reach whoever sent the delivery. It never throws.
 *
 * @param delivery - the body, the signature and the secret, as they are
 *
 * @example
 * ```ts
 * import { explainMismatch } from "@popp-webhooks/core/diagnose";
 *
 * const { explanation } = await explainMismatch({ body: '{"event": "X"}', signature: "5f…", secret: "the signing secret" });
 * console.log(explanation);
 * ```
 */
export async function explainMismatch({ body, signature, secret }: MismatchedDelivery): Promise<MismatchExplanation> {
  if (!isBytes(body)) return found("body-object");
  const given = signaturesIn(signature);
  if (given.length === 0) return found("signature-missing");
  const secrets = [secret].flat().filter((one) => typeof one === "string" && one.trim() !== "");
  if (secrets.length === 0) return found("secret-missing");
  const signatures = given.map(decoded).filter((bytes) => bytes !== undefined);
  if (signatures.length === 0) return found(given.some(isOtherDigest) ? "signature-length" : "signature-undecodable");

  const bytes = bytesOf(body);
  const evidence: Evidence = {
    body: bytes,
    text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
    signatures,
    secrets,
  };
  for (const hypothesis of HYPOTHESES) {
    if (await fits(hypothesis, evidence)) return { cause: hypothesis.cause, explanation: hypothesis.explanation };
  }
  return found(evidence.text.includes("\ufffd") ? "body-replaced" : "unknown");
}

async function fits({ bodies, keys }: Hypothesis, evidence: Evidence): Promise<boolean> {
  for (const key of evidence.secrets.flatMap((secret) => keys?.(secret) ?? [secret])) {
    for (const body of bodies?.(evidence) ?? [evidence.body]) {
      const digest = await sign(bytesOf(body), bytesOf(key));
      if (digest !== undefined && evidence.signatures.some((signature) => equalDigests(digest, signature))) return true;
    }
  }
  return false;
}

/** Undefined for an empty key, which WebCrypto refuses. */
async function sign(body: Uint8Array, key: Uint8Array): Promise<Uint8Array | undefined> {
  if (key.length === 0) return undefined;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", new Uint8Array(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, new Uint8Array(body)));
}

function decoded(signature: string): Uint8Array | undefined {
  const bytes = new Uint8Array(DIGEST_BYTES);
  return decodeSignature(signature, bytes) ? bytes : undefined;
}

/** The digits of another hash: MD5, SHA-1, SHA-384 or SHA-512. */
function isOtherDigest(signature: string): boolean {
  const digits = signature.replace(/^\w+=/, "");
  return /^[\da-f]+$/i.test(digits) && [32, 40, 96, 128].includes(digits.length);
}

const FINDINGS = {
  "body-object":
    "The body is an object: it was parsed before, and its bytes are gone. Mount the route before express.json() or any other body parser, and pass on the bytes as they came.",
  "signature-missing":
    "There is no signature: the `x-signature` header is absent or empty. A proxy may have removed it, or the delivery did not come from Popp.",
  "secret-missing":
    "There is no secret, or all of them are blank: copy the signing secret from Popp's Developer Portal.",
  "signature-length":
    "The signature has the length of another hash than SHA-256: look at which header it was read from, and whether something signs again on the way.",
  "signature-undecodable":
    "The signature is neither 64 hex digits nor 32 bytes in base64: it was cut off, quoted or changed on the way, or read from another header.",
  "body-replaced":
    "No known mistake fits, but the body holds U+FFFD, which stands for bytes that were no UTF-8 when it was decoded. Pass on the bytes, from request.arrayBuffer().",
  unknown:
    "No known mistake fits: either the secret is that of another endpoint or environment, or the body was changed on the way. Copy the secret anew from Popp's Developer Portal, and log the body's length where it arrives.",
} as const;

function found(cause: keyof typeof FINDINGS): MismatchExplanation {
  return { cause, explanation: FINDINGS[cause] };
}
