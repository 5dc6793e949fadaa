import type { Issue } from "./issue.ts";

/**
 * What went wrong with a delivery, as one stable word each.
 *
 * Every code has a page in the documentation; its HTTP status stands in {@link WebhookError.status}.
 */
export type WebhookErrorCode = keyof typeof STATUS;

/** The one place that knows which status a code is answered with. */
const STATUS = {
  METHOD_NOT_ALLOWED: 405,
  ENCODING_UNSUPPORTED: 415,
  BODY_TOO_LARGE: 413,
  BODY_TIMEOUT: 408,
  BODY_CONSUMED: 500,
  SIGNATURE_MISSING: 401,
  SIGNATURE_MALFORMED: 401,
  SIGNATURE_MISMATCH: 401,
  EVENT_STALE: 400,
  PAYLOAD_MALFORMED: 400,
  PAYLOAD_INVALID: 400,
  DELIVERY_BUSY: 503,
  DELIVERY_CONFLICT: 409,
  STORE_UNAVAILABLE: 503,
  OVERLOADED: 503,
  HANDLER_FAILED: 500,
  SECRET_MISSING: 500,
  CONFIG_INVALID: 500,
  INTERNAL: 500,
} as const;

/** What an error may carry beside its code and message. */
export interface WebhookErrorDetails {
  /** What caused it: the error of a handler, a store or a secret function. */
  readonly cause?: unknown;
  /** Where the payload did not fit, for `PAYLOAD_INVALID`. */
  readonly issues?: readonly Issue[];
}

/**
 * The only error this SDK throws or reports: a stable code, the HTTP status that goes with it, and a sentence that says what to do.
 *
 * The message never holds a secret, a signature or text of the body, so that it may be logged. The `cause` is
 * whatever user code, a store or the platform threw.
 */
export class WebhookError extends Error {
  /** What {@link isWebhookError} goes by, since two copies of the class may meet. */
  override readonly name = "WebhookError";
  /** The stable code: compare this, never the message. */
  declare readonly code: WebhookErrorCode;
  /** The HTTP status a receiver answers this code with. */
  declare readonly status: number;
  /** Where the payload did not fit (`PAYLOAD_INVALID`); absent with every other code. */
  declare readonly issues?: readonly Issue[];

  /**
   * Makes an error of one code; stores and queues of your own throw it to be answered with the code's status.
   *
   * @param code - what went wrong
   * @param message - one sentence that says what to do; never a secret, a signature or text of the body
   * @param details - the cause, and where the payload did not fit
   */
  constructor(code: WebhookErrorCode, message: string, details: WebhookErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = statusOf(code);
    if (details.issues !== undefined) this.issues = details.issues;
  }
}

/**
 * Tells whether something caught is a {@link WebhookError}, and if a code is given, one of that code.
 *
 * Compares the name rather than the class: an ESM and a CommonJS copy of this package may meet in one process, and another realm
 * has an `Error` of its own. Never throws, whatever is given.
 *
 * @param error - anything that was caught
 * @param code - the code it must have; any when left out
 */
export function isWebhookError<Code extends WebhookErrorCode = WebhookErrorCode>(
  error: unknown,
  code?: Code,
): error is WebhookError & { readonly code: Code } {
  try {
    const { name, code: own } = Object(error);
    const isError = Object.prototype.toString.call(error) === "[object Error]";
    return isError && name === "WebhookError" && (code ? own === code : Object.keys(STATUS).includes(own));
  } catch {
    // A getter or a proxy that throws is no error of this package.
    return false;
  }
}

/** The HTTP status a code is answered with. */
export function statusOf(code: WebhookErrorCode): number {
  return STATUS[code];
}
