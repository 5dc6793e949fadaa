import { Refusal } from "./errors/refusal.ts";
import { bytesOf, isBytes } from "./lib/bytes.ts";
import { checkOptions, invalidOption, TIMEOUT } from "./lib/check-options.ts";
import { chain, isPromiseLike, type MaybePromise } from "./lib/maybe-promise.ts";
import { CONSUMED, headerValue } from "./read/delivery.ts";
import { DEFAULT_MAX_BYTES, type ReadLimits, tooLarge } from "./read/limits.ts";
import { read } from "./read/read.ts";
import { requestReader, webReader } from "./read/web-body.ts";
import { SCHEME_RULES, type Scheme } from "./verify/scheme.ts";
import type { Secret } from "./verify/secret.ts";
import type { VerifiedBody } from "./verify/verified-body.ts";
import { signatureInputOf, type Verified, verify } from "./verify/verify.ts";

/** A body and the signature it came with, where there is no web `Request`. */
export interface SignedBody {
  /** The body as it came, never an object parsed from it. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** The value of the `x-signature` header, or the values of a repeated one (the first 8 are checked). */
  readonly signature: string | readonly string[] | null | undefined;
}

/** The options of {@link verifySignature}. */
export interface VerifySignatureOptions extends ReadLimits {
  /** The signing secret: a string, several while one is being rotated, or a function that returns them, sync or async. */
  readonly secret: Secret;
  /** How long a secret function may take, in milliseconds. Default: 10 000. */
  readonly secretTimeoutMs?: number;
  /** Corrects what this SDK assumes about Popp's signatures: another header, or other signed bytes. */
  readonly scheme?: Scheme;
}

/**
 * Reads a delivery's body and verifies that Popp signed it: HMAC-SHA256 over the exact bytes, compared in constant time.
 *
 * Seen in Popp's documents: HMAC-SHA256 in `x-signature`. Assumed: over the raw body, in hex. Base64, base64url, upper case and a `sha256=` prefix are accepted too.
 *
 * @param source - a web `Request` whose body nobody has read, or the body and its signature
 * @param options - the secret, and the limits of reading
 * @returns the bytes, branded so that `parseEvent` takes them
 * @throws {@link WebhookError} `SIGNATURE_MISSING`, `SIGNATURE_MALFORMED` or `SIGNATURE_MISMATCH` when it is not genuine;
 *   `SECRET_MISSING` when there is no usable secret; `BODY_TOO_LARGE`, `BODY_TIMEOUT` or `BODY_CONSUMED` when the body cannot be had;
 *   `INTERNAL` when `scheme.signedContent` fails; `CONFIG_INVALID` when an argument cannot be used
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
  const verifying = verifySource(source, options);
  const verified = isPromiseLike(verifying) ? await verifying : verifying;
  if (verified instanceof Refusal) throw verified.toError();
  return verified.body;
}

/** Nothing is awaited, and no closure made, for a body that is there as a whole: both cost a small one as much as a hash does. */
function verifySource(source: Request | SignedBody, options: VerifySignatureOptions): MaybePromise<Verified | Refusal> {
  if (Object(source) !== source || (isRequest(source) && !source.headers))
    throw invalidOption(OWNER, "source", "a Request, or { body, signature }", source);
  if (!isSecretAlone(options)) checkOptions(OWNER, options, RULES);
  const { scheme, maxBytes = DEFAULT_MAX_BYTES } = options;
  if (scheme) checkOptions(OWNER, scheme, SCHEME_RULES);
  if (isRequest(source)) {
    const header = (name: string) => headerValue(source.headers, name);
    const reading = read({ body: source }, header, options, requestOnly);
    const input = signatureInputOf(header, scheme);
    return chain(reading, (bytes) => (bytes instanceof Refusal ? bytes : verify(bytes, input, options)));
  }
  const { body, signature } = source;
  if (!isBytes(body)) return new Refusal("BODY_CONSUMED", CONSUMED);
  const bytes = bytesOf(body);
  return bytes.length <= maxBytes ? verify(bytes, { signature, header: noHeader }, options) : tooLarge(maxBytes);
}

/** Whether there is nothing to check. The check looks up each name that is absent, which takes as long as hashing a hundred bytes. */
function isSecretAlone(options: VerifySignatureOptions): boolean {
  if (typeof options !== "object" || options === null) return false;
  const { scheme, maxBytes, bodyTimeoutMs, secretTimeoutMs } = options;
  return scheme === undefined && maxBytes === undefined && bodyTimeoutMs === undefined && secretTimeoutMs === undefined;
}

/** By its method and not its class: polyfills and other realms have classes of their own. A framework's request has headers too, but no such body. */
function isRequest(source: Request | SignedBody): source is Request {
  return typeof (source as Partial<Request>).arrayBuffer === "function";
}

const noHeader = () => null;

/** A web request is the only body here that is not there as a whole. */
const requestOnly = (request: object) => requestReader(request as Request, webReader);

const OWNER = "verifySignature";

const RULES = { scheme: "object", maxBytes: { min: 1 }, bodyTimeoutMs: TIMEOUT, secretTimeoutMs: TIMEOUT } as const;
