/**
 * Explains why a delivery does not verify. For development only.
 *
 * @packageDocumentation
 */
import { Refusal } from "../errors/refusal.ts";
import { bytesOf, hexOf, isBytes } from "../lib/bytes.ts";
import { type HeaderSource, headerValue } from "../read/delivery.ts";
import { type Scheme, signedBytes } from "../verify/scheme.ts";
import { resolveSecrets, type Secret } from "../verify/secret.ts";
import { signaturesIn } from "../verify/signature.ts";
import { fromBase64, fromHex, fromSignature, holdsReplacement, textOf } from "./decodings.ts";
import { HYPOTHESES } from "./hypotheses.ts";
import type { Evidence, Hypothesis, HypothesisCause } from "./hypothesis.ts";

/** Why a delivery does not verify, as one stable word. */
export type MismatchCause =
  | HypothesisCause
  | "signature-missing"
  | "signature-length"
  | "signature-undecodable"
  | "secret-missing"
  | "body-missing"
  | "body-object"
  | "body-replaced"
  | "scheme-failed"
  | "failed"
  | "unknown";

/** What {@link explainMismatch} found. */
export interface MismatchExplanation {
  /** The cause, as one stable word. */
  readonly cause: MismatchCause;
  /** What happened and what to change, in a sentence or two. It holds no secret, no signature and nothing of the body. */
  readonly explanation: string;
}

/** A delivery that did not verify, with what the code that refused it was given. */
export interface MismatchedDelivery {
  /** The body that was given to `verifySignature`. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** The value of the signature header, or its values. */
  readonly signature: string | readonly string[] | null | undefined;
  /** The secret as it is configured. */
  readonly secret: Secret;
  /** The scheme that the receiver or `verifySignature` was given, if any. */
  readonly scheme?: Scheme | undefined;
  /** The request's headers, for a `scheme.signedContent` that reads some of them. */
  readonly headers?: HeaderSource | undefined;
}

/**
 * Explains why a delivery does not verify: it recomputes the signature for each known mistake, and names the one that fits.
 *
 * For development only. Never call it in code that answers a sender, because it tells what would match. It never throws, and its answer
 * holds no secret, no signature and nothing of the body.
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
export async function explainMismatch(delivery: MismatchedDelivery): Promise<MismatchExplanation> {
  try {
    return await explain(delivery);
  } catch {
    // This tool may be given anything, and what was thrown may quote it.
    return found("failed");
  }
}

async function explain(delivery: MismatchedDelivery): Promise<MismatchExplanation> {
  const { body: given, signature, secret, scheme, headers } = delivery;
  if (given === undefined || given === null) return found("body-missing");
  if (!isBytes(given)) return found("body-object");
  const signatures = signaturesIn(signature);
  if (signatures.length === 0) return found("signature-missing");
  const resolved = await resolveSecrets(secret);
  if (resolved instanceof Refusal) return found("secret-missing");

  const body = bytesOf(given);
  const header = (name: string) => headerValue(headers ?? {}, name.toLowerCase());
  const signedOf = (bytes: Uint8Array) => signedBytes(bytes, scheme, header);
  if (signedOf(body) instanceof Refusal) return found("scheme-failed");
  const secrets = resolved.filter((one) => typeof one === "string");
  const evidence: Evidence = { body, text: textOf(body), signatures, secrets };
  for (const hypothesis of HYPOTHESES) {
    if (await fits(hypothesis, evidence, signedOf))
      return { cause: hypothesis.cause, explanation: hypothesis.explanation };
  }
  return found(unproven(evidence));
}

/** Names the likeliest cause when no known mistake fits. */
function unproven({ body, signatures }: Evidence): keyof typeof FINDINGS {
  if (signatures.flatMap(fromSignature).length === 0)
    return signatures.some(isOtherDigest) ? "signature-length" : "signature-undecodable";
  if (body.length === 0) return "body-missing";
  return holdsReplacement(body) ? "body-replaced" : "unknown";
}

async function fits(
  { bodies, keys, digests, ignoresScheme }: Hypothesis,
  evidence: Evidence,
  signedOf: (body: Uint8Array) => Uint8Array | Refusal,
): Promise<boolean> {
  const sought = evidence.signatures.flatMap((signature) => (digests ?? fromSignature)(signature));
  if (sought.length === 0) return false;
  for (const key of evidence.secrets.flatMap((secret) => keys?.(secret) ?? [secret])) {
    for (const body of bodies?.(evidence) ?? [evidence.body]) {
      const signed = ignoresScheme ? bytesOf(body) : signedOf(bytesOf(body));
      const digest = signed instanceof Refusal ? undefined : await sign(signed, bytesOf(key));
      if (digest !== undefined && sought.some((one) => hexOf(digest) === hexOf(one))) return true;
    }
  }
  return false;
}

/** Undefined for an empty key, because WebCrypto refuses it. */
async function sign(body: Uint8Array, key: Uint8Array): Promise<Uint8Array | undefined> {
  if (key.length === 0) return undefined;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", new Uint8Array(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, new Uint8Array(body)));
}

/** Whether it is the digest of another hash: MD5, SHA-1, SHA-384 or SHA-512 in hex, SHA-1 or SHA-512 in base64, where SHA-384 would be as long as our hex. */
function isOtherDigest(signature: string): boolean {
  const digits = signature.replace(/^\w+=/, "");
  const [hex] = fromHex(digits);
  if (hex !== undefined) return [16, 20, 48, 64].includes(hex.length);
  return fromBase64(digits).some(({ length }) => length === 20 || length === 64);
}

const FINDINGS = {
  "body-missing":
    "There is no body, or it is empty, and the signature covers something else: the body was read before. Mount the route before express.json() or any other body parser, and read the body once.",
  "body-object":
    "The body is an object: it was parsed before, and its bytes are gone. Mount the route before express.json() or any other body parser, and pass on the bytes as they came.",
  "signature-missing":
    "There is no signature: the signature header is absent or empty. A proxy may have removed it, or the delivery did not come from Popp.",
  "secret-missing":
    "There is no usable secret: it is absent, blank, or a placeholder such as the word undefined. Copy the signing secret from Popp's Developer Portal.",
  "signature-length":
    "The signature has the length of another hash than SHA-256: check which header it was read from, and whether something signs again on the way.",
  "signature-undecodable":
    "The signature is neither 64 hex digits nor 32 bytes in base64: it was cut off, quoted or changed on the way, or read from another header.",
  "body-replaced":
    "No known mistake fits, but the body holds U+FFFD, the replacement for bytes that are not UTF-8: it was decoded. Pass on the bytes, from request.arrayBuffer().",
  "scheme-failed":
    "The function `scheme.signedContent` failed, or returned neither bytes nor text: correct it, or remove the option.",
  unknown:
    "No known mistake fits: the secret belongs to another endpoint or environment, or the body was changed on the way. Copy the secret again from Popp's Developer Portal, and log the body's length where it arrives.",
  failed:
    "The delivery cannot be examined: pass the body as text or bytes, the signature as text, and the secret as it is configured, in a runtime with WebCrypto.",
} as const;

function found(cause: keyof typeof FINDINGS): MismatchExplanation {
  return { cause, explanation: FINDINGS[cause] };
}
