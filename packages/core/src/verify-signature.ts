import { Refusal } from "./errors/refusal.ts";
import { isBytes } from "./lib/bytes.ts";
import { chain, isPromiseLike } from "./lib/maybe-promise.ts";
import { CONSUMED } from "./read/delivery.ts";
import { read } from "./read/read.ts";
import { webReader } from "./read/web-body.ts";
import { type Scheme, signatureHeader } from "./verify/scheme.ts";
import type { Secret } from "./verify/secret.ts";
import type { VerifiedBody } from "./verify/verified-body.ts";
import { verify } from "./verify/verify.ts";

/** A body and the signature it came with, where there is no web `Request`. */
export interface SignedBody {
  /** The body as it came; never an object parsed from it. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** The value of the `x-signature` header, or the values of a repeated one (at most 8 are looked at). */
  readonly signature: string | readonly string[] | null | undefined;
}

/** What {@link verifySignature} needs to know. */
export interface VerifySignatureOptions {
  /** The signing secret: a string, several while rotating, or a function that gives them, sync or async. */
  readonly secret: Secret;
  /** The largest body that is read, in bytes. Default: 1 048 576 (1 MiB). */
  readonly maxBytes?: number;
  /** How long reading the body may take, in milliseconds. Default: 10 000. */
  readonly bodyTimeoutMs?: number;
  /** Where Popp's signatures turn out to differ from what is assumed: another header, other signed bytes. */
  readonly scheme?: Scheme;
}

/**
 * Reads a delivery's body and proves that Popp signed it: HMAC-SHA256 over the exact bytes, compared in constant time.
 *
 * Seen in Popp's documents: HMAC-SHA256 in `x-signature`. Assumed: over the raw body, in hex, so base64, base64url, upper case and a `sha256=` prefix are accepted as well.
 *
 * @param source - a web `Request` whose body nobody has read, or the body and its signature
 * @param options - the secret, and the limits of reading
 * @returns the bytes, branded so that `parseEvent` takes them
 * @throws {@link WebhookError} `SIGNATURE_MISSING`, `SIGNATURE_MALFORMED` or `SIGNATURE_MISMATCH` when it is not genuine;
 *   `SECRET_MISSING` when there is no usable secret; `BODY_TOO_LARGE`, `BODY_TIMEOUT` or `BODY_CONSUMED` when the body cannot be had;
 *   `INTERNAL` when `scheme.signedContent` fails
 *
 * @example
 * ```ts
 * import { parseEvent, verifySignature } from "@popp-webhooks/core";
 *
 * export async function POST(request: Request): Promise<Response> {
 *   const body = await verifySignature(request, { secret: "the signing secret" });
 *   const event = parseEvent(body);
 *   return new Response(event.event);
 * }
 * ```
 */
export async function verifySignature(
  source: Request | SignedBody,
  options: VerifySignatureOptions,
): Promise<VerifiedBody> {
  const { secret, scheme } = options;
  const request = isRequest(source) ? source : undefined;
  const header = (name: string) => request?.headers.get(name) ?? null;
  const signature = isRequest(source) ? header(signatureHeader(scheme)) : source.signature;
  const gone = isRequest(source) ? source.bodyUsed : !isBytes(source.body);
  const claim = { signature, secret, scheme, header };
  const bytes = read({ body: source.body, consumed: gone ? CONSUMED : undefined }, options, webReader);
  const verifying = chain(bytes, (read) => (read instanceof Refusal ? read : verify(read, claim)));
  const verified = isPromiseLike(verifying) ? await verifying : verifying;
  if (verified instanceof Refusal) throw verified.toError();
  return verified;
}

/** By its method, not its class: polyfills and other realms bring their own; a framework's request has headers too, but no such body. */
function isRequest(source: Request | SignedBody): source is Request {
  return "arrayBuffer" in source;
}
